"""Runs filter, test and lookup plugins for goplay: JSON lines on standard input and output."""

import importlib
import importlib.util
import json
import os
import sys
import types

wire_in = sys.stdin.buffer
wire_out = os.fdopen(os.dup(1), 'wb')
os.dup2(2, 1)  # what plugins print must not disturb the wire

TUPLE, PAIRS = '\0tuple', '\0pairs'
KINDS = {'filter': ('FilterModule', 'filters'), 'test': ('TestModule', 'tests')}
dirs = {'filter': [], 'test': [], 'lookup': []}
found = {'filter': {}, 'test': {}}
tried = {}  # file: message of its failure, or ''
lookups = {}


def plain(value):
    """What JSON has no form for."""
    if isinstance(value, (bytes, bytearray)):
        return value.decode('utf-8', 'surrogateescape')
    if isinstance(value, dict) or hasattr(value, 'keys'):
        return {k: value[k] for k in value.keys()}
    if hasattr(value, '__iter__'):
        return list(value)
    return str(value)


def pack(value):
    """Marks what JSON would change: tuples, keys that are no text."""
    if isinstance(value, tuple):
        return {TUPLE: [pack(v) for v in value]}
    if isinstance(value, (set, frozenset)):
        return [pack(v) for v in value]
    if isinstance(value, list):
        return [pack(v) for v in value]
    if isinstance(value, dict):
        if all(isinstance(k, str) for k in value):
            return {k: pack(v) for k, v in value.items()}
        return {PAIRS: [[pack(k), pack(v)] for k, v in value.items()]}
    return value


def unpack(d):
    if TUPLE in d:
        return tuple(d[TUPLE])
    if PAIRS in d:
        return {k: v for k, v in d[PAIRS]}
    return d


def send(message):
    wire_out.write(json.dumps(pack(message), default=plain).encode() + b'\n')
    wire_out.flush()


def receive():
    line = wire_in.readline()
    if not line:
        os._exit(0)
    return json.loads(line, object_hook=unpack)


def ask(what, **more):
    """Asks goplay while it waits for the answer of a call."""
    send(dict(more, ask=what))
    answer = receive()
    if 'error' in answer:
        from ansible.errors import AnsibleError, AnsibleUndefinedVariable
        raise (AnsibleUndefinedVariable if answer.get('undefined') else AnsibleError)(answer['error'])
    return answer.get('value')


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def take(kind, path, name, prefix):
    """Loads a file of plugins, once."""
    if (kind, path) in tried:
        return
    tried[kind, path] = ''
    cls, method = KINDS[kind]
    try:
        module = load(path, name)
        if not hasattr(module, cls):
            return
        for short, func in getattr(getattr(module, cls)(), method)().items():
            found[kind].setdefault(prefix + short, func)
    except BaseException as e:
        tried[kind, path] = '%s: %s: %s' % (path, type(e).__name__, e)


def files(folder):
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        if name.endswith('.py') and not name.startswith(('_', '.')) and os.path.isfile(path):
            yield name[:-3], path


def collection_dirs(name, kind):
    parts = name.split('.')
    for root in getattr(sys.modules['ansible_collections'], '__path__', []):
        yield os.path.join(root, parts[0], parts[1], 'plugins', kind, *parts[2:-1])


def find(kind, name):
    if kind == 'lookup':
        return find_lookup(name) is not None
    if name in found[kind]:
        return True
    if name.count('.') >= 2:
        prefix = name.rsplit('.', 1)[0] + '.'
        for folder in collection_dirs(name, kind):
            for stem, path in sorted(files(folder), key=lambda f: f[0] != name.rsplit('.', 1)[1]):
                take(kind, path, 'ansible_collections.%splugins.%s.%s' % (prefix, kind, stem), prefix)
                if name in found[kind]:
                    return True
        return False
    for folder in dirs[kind]:
        for stem, path in files(folder):
            take(kind, path, 'ansible.plugins.%s.%s' % (kind, stem), '')
    return name in found[kind]


def find_lookup(name):
    if name in lookups:
        return lookups[name]
    places = [(f, 'ansible.plugins.lookup.' + name) for f in dirs['lookup']]
    if name.count('.') >= 2:
        places = [(f, 'ansible_collections.%s.plugins.lookup.%s' % tuple(name.rsplit('.', 1))) for f in collection_dirs(name, 'lookup')]
    for folder, modname in places:
        path = os.path.join(folder, name.rsplit('.', 1)[-1] + '.py')
        if not os.path.isfile(path):
            continue
        module = load(path, modname)
        cls = module.LookupModule
        cls._load_name, cls._original_path = name, path
        cls._documentation = getattr(module, 'DOCUMENTATION', '')
        lookups[name] = cls
        return cls
    return None


def call(message):
    func = found[message['kind']][message['name']]
    args = message['args']
    wants = getattr(func, 'jinja_pass_arg', None)
    if wants is not None or getattr(func, 'environmentfilter', False) or getattr(func, 'contextfilter', False):
        import jinja2
        env = jinja2.Environment()
        if 'context' in str(wants) or getattr(func, 'contextfilter', False):
            env = env.from_string('').new_context({})
        args = [env] + args
    return func(*args, **message['kwargs'])


def run_lookup(message):
    from ansible.plugins.lookup import Loader, Templar, Variables
    cls = find_lookup(message['name'])
    variables = Variables(ask)
    plugin = cls(loader=Loader(ask), templar=Templar(ask, variables))
    plugin._ask = ask
    out = plugin.run(message['terms'], variables=variables, **message['kwargs'])
    return list(out) if out is not None else []


def set_dirs(message):
    for kind in dirs:
        dirs[kind] = message[kind]
    roots = [os.path.join(r, 'ansible_collections') for r in message['roots']]
    package = types.ModuleType('ansible_collections')
    package.__path__ = roots
    sys.modules.setdefault('ansible_collections', package).__path__ = roots
    importlib.invalidate_caches()


def handle(message):
    op = message['op']
    if op == 'dirs':
        return set_dirs(message)
    if op == 'find':
        ok = find(message['kind'], message['name'])
        return {'found': ok, 'faults': [m for (k, _), m in tried.items() if k == message['kind'] and m]}
    if op == 'call':
        find(message['kind'], message['name'])
        return call(message)
    return run_lookup(message)


def main():
    while True:
        message = receive()
        try:
            answer = {'value': handle(message)}
            json.dumps(pack(answer), default=plain)
        except BaseException as e:
            kinds = [c.__name__ for c in type(e).__mro__]
            answer = {'error': str(e), 'kind': type(e).__name__, 'class': str(type(e)), 'ansible': 'AnsibleError' in kinds}
        send(answer)


main()
