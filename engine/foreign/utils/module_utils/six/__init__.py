# goplay's own six, on Python 3: the names that modules import.
import functools
import importlib
import importlib.abc
import importlib.util
import io
import operator
import sys
import types

PY2, PY3, PY34 = False, True, True
__version__ = '1.16.0'
string_types, integer_types, class_types = (str,), (int,), (type,)
text_type, binary_type, MAXSIZE = str, bytes, sys.maxsize
StringIO, BytesIO = io.StringIO, io.BytesIO
unichr, int2byte, byte2int = chr, operator.methodcaller('to_bytes', 1, 'big'), operator.itemgetter(0)
indexbytes, iterbytes, get_function_code, next = operator.getitem, iter, operator.attrgetter('__code__'), next
get_method_function, get_method_self = operator.attrgetter('__func__'), operator.attrgetter('__self__')
get_function_globals, get_function_defaults = operator.attrgetter('__globals__'), operator.attrgetter('__defaults__')
exec_, print_, callable, wraps, Iterator, advance_iterator = exec, print, callable, functools.wraps, object, next


def iteritems(d, **kw):
    return iter(d.items(**kw))


def iterkeys(d, **kw):
    return iter(d.keys(**kw))


def itervalues(d, **kw):
    return iter(d.values(**kw))


def iterlists(d, **kw):
    return iter(d.lists(**kw))


viewkeys, viewvalues, viewitems = operator.methodcaller('keys'), operator.methodcaller('values'), operator.methodcaller('items')


def b(s):
    return s.encode('latin-1')


def u(s):
    return s


def ensure_text(s, encoding='utf-8', errors='strict'):
    if isinstance(s, bytes):
        return s.decode(encoding, errors)
    if isinstance(s, str):
        return s
    raise TypeError("not expecting type '%s'" % type(s))


ensure_str = ensure_text


def ensure_binary(s, encoding='utf-8', errors='strict'):
    return s if isinstance(s, bytes) else s.encode(encoding, errors)


def with_metaclass(meta, *bases):
    class Between(type):
        def __new__(cls, name, this_bases, d):
            return meta(name, bases, d)

        @classmethod
        def __prepare__(cls, name, this_bases):
            return meta.__prepare__(name, bases)
    return type.__new__(Between, 'temporary_class', (), {})


def add_metaclass(metaclass):
    def wrapper(cls):
        d = {k: v for k, v in vars(cls).items() if k not in ('__dict__', '__weakref__')}
        return metaclass(cls.__name__, cls.__bases__, d)
    return wrapper


def python_2_unicode_compatible(cls):
    return cls


def raise_from(value, cause):
    try:
        raise value from cause
    finally:
        value = None


def reraise(tp, value, tb=None):
    raise (tp() if value is None else value).with_traceback(tb)


def assertCountEqual(self, *args, **kwargs):
    return self.assertCountEqual(*args, **kwargs)


_MODULES = dict(
    builtins='builtins', configparser='configparser', copyreg='copyreg', cPickle='pickle', http_cookiejar='http.cookiejar', http_cookies='http.cookies',
    http_client='http.client', html_entities='html.entities', html_parser='html.parser', queue='queue', reprlib='reprlib', socketserver='socketserver',
    BaseHTTPServer='http.server', SimpleHTTPServer='http.server', urllib='urllib', urllib_parse='urllib.parse', urllib_error='urllib.error',
    urllib_request='urllib.request', urllib_robotparser='urllib.robotparser', xmlrpc_client='xmlrpc.client', xmlrpc_server='xmlrpc.server', _thread='_thread',
    collections_abc='collections.abc', email_mime_base='email.mime.base', email_mime_image='email.mime.image', email_mime_multipart='email.mime.multipart',
    email_mime_text='email.mime.text', email_mime_nonmultipart='email.mime.nonmultipart', tkinter='tkinter', winreg='winreg')
_NAMES = dict(
    cStringIO='io.StringIO', filter='builtins.filter', filterfalse='itertools.filterfalse', input='builtins.input', intern='sys.intern', map='builtins.map',
    getcwd='os.getcwd', getcwdb='os.getcwdb', getoutput='subprocess.getoutput', range='builtins.range', xrange='builtins.range', reduce='functools.reduce',
    reload_module='importlib.reload', shlex_quote='shlex.quote', StringIO='io.StringIO', UserDict='collections.UserDict', UserList='collections.UserList',
    UserString='collections.UserString', zip='builtins.zip', zip_longest='itertools.zip_longest')


class _Moves(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name in _MODULES:
            value = importlib.import_module(_MODULES[name])
            if name == 'urllib':
                for part in ('parse', 'error', 'request', 'response', 'robotparser'):
                    importlib.import_module('urllib.' + part)
        elif name in _NAMES:
            mod, attr = _NAMES[name].rsplit('.', 1)
            value = getattr(importlib.import_module(mod), attr)
        else:
            raise AttributeError(name)
        setattr(self, name, value)
        return value


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports of six.moves.X give the modules of Python 3."""

    def __init__(self, prefix):
        self.prefix = prefix

    def find_spec(self, fullname, path=None, target=None):
        if fullname.startswith(self.prefix):
            rest = fullname[len(self.prefix):]
            if rest.split('.')[0] in _MODULES:
                return importlib.util.spec_from_loader(fullname, self)
        return None

    def create_module(self, spec):
        head, _, rest = spec.name[len(self.prefix):].partition('.')
        real = importlib.import_module(_MODULES[head] + ('.' + rest if rest else ''))
        copy = types.ModuleType(spec.name)  # the real one keeps its own spec
        copy.__dict__.update({k: v for k, v in vars(real).items() if k not in ('__spec__', '__loader__', '__name__')})
        return copy

    def exec_module(self, module):
        pass


moves = _Moves(__name__ + '.moves')
sys.modules[__name__ + '.moves'] = moves
sys.meta_path.append(_Finder(__name__ + '.moves.'))
