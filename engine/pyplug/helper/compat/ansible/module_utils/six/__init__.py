"""The names of six on Python 3."""

import functools
import sys
import types
import urllib.parse
import urllib.request

PY2, PY3 = False, True
string_types, integer_types, class_types = (str,), (int,), (type,)
text_type, binary_type, MAXSIZE = str, bytes, sys.maxsize


def iteritems(d):
    return iter(d.items())


def iterkeys(d):
    return iter(d.keys())


def itervalues(d):
    return iter(d.values())


def ensure_text(s, encoding='utf-8', errors='strict'):
    return s.decode(encoding, errors) if isinstance(s, bytes) else s


ensure_str = ensure_text


def with_metaclass(meta, *bases):
    return meta('base', bases or (object,), {})


def raise_from(value, cause):
    raise value from cause


moves = types.ModuleType(__name__ + '.moves')
moves.map, moves.zip, moves.filter, moves.range, moves.xrange = map, zip, filter, range, range
moves.reduce, moves.input, moves.urllib = functools.reduce, input, urllib
sys.modules[moves.__name__] = moves
sys.modules[moves.__name__ + '.urllib'] = urllib
sys.modules[moves.__name__ + '.urllib.parse'] = urllib.parse
