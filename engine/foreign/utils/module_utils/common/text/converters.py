# goplay's own helpers for modules: text and bytes.
import codecs
import json


def to_bytes(obj, encoding='utf-8', errors=None, nonstring='simplerepr'):
    if isinstance(obj, bytes):
        return obj
    if errors in (None, 'surrogate_or_strict', 'surrogate_or_replace', 'surrogate_then_replace'):
        errors = 'surrogateescape'
    if isinstance(obj, str):
        return obj.encode(encoding, errors)
    if nonstring == 'passthru':
        return obj
    if nonstring == 'empty':
        return b''
    if nonstring == 'strict':
        raise TypeError('obj must be a string type')
    return str(obj).encode(encoding, errors)


def to_text(obj, encoding='utf-8', errors=None, nonstring='simplerepr'):
    if isinstance(obj, str):
        return obj
    if errors in (None, 'surrogate_or_strict', 'surrogate_or_replace', 'surrogate_then_replace'):
        errors = 'surrogateescape'
    if isinstance(obj, bytes):
        return obj.decode(encoding, errors)
    if nonstring == 'passthru':
        return obj
    if nonstring == 'empty':
        return ''
    if nonstring == 'strict':
        raise TypeError('obj must be a string type')
    return str(obj)


to_native = to_text


def _walk(d, f):
    if isinstance(d, dict):
        return dict((_walk(k, f), _walk(v, f)) for k, v in d.items())
    if isinstance(d, list):
        return [_walk(x, f) for x in d]
    if isinstance(d, tuple):
        return tuple(_walk(x, f) for x in d)
    return f(d)


def container_to_bytes(d, encoding='utf-8', errors='surrogate_or_strict'):
    return _walk(d, lambda x: to_bytes(x, encoding, errors) if isinstance(x, str) else x)


def container_to_text(d, encoding='utf-8', errors='surrogate_or_strict'):
    return _walk(d, lambda x: to_text(x, encoding, errors) if isinstance(x, bytes) else x)


def _plain(o):
    if isinstance(o, bytes):
        return to_text(o)
    if isinstance(o, (set, frozenset)) or hasattr(o, '__iter__'):
        return list(o)
    if hasattr(o, 'isoformat'):
        return o.isoformat()
    raise TypeError('Object of type %s is not JSON serializable' % type(o).__name__)


def jsonify(data, **kwargs):
    return json.dumps(container_to_text(data), default=_plain, **kwargs)
