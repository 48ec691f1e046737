"""Runs plugins for goplay: JSON lines on standard input and output."""

import importlib
import importlib.util
import json
import os
import sys
import traceback
import types

import goplay_wire
from goplay_wire import ask, pack, plain, receive, send

KINDS = {'filter': ('FilterModule', 'filters'), 'test': ('TestModule', 'tests')}
dirs = {'filter': [], 'test': [], 'lookup': []}
found = {'filter': {}, 'test': {}}
tried = {}  # file: message of its failure, or ''
lookups = {}


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
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar
    from goplay_vars import Variables
    cls = find_lookup(message['name'])
    variables = Variables()
    loader = DataLoader()
    plugin = cls(loader=loader, templar=Templar(loader, variables))
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
    if op == 'lookup':
        return run_lookup(message)
    return importlib.import_module('goplay_' + op).handle(message, load)


def trace(e):
    """The traceback from the plugin on."""
    tb = e.__traceback__
    while tb.tb_next and tb.tb_frame.f_globals.get('__name__', '').split('_')[0] in ('', 'importlib', 'goplay'):
        tb = tb.tb_next
    return ''.join(traceback.format_exception(type(e), e, tb))


def main():
    sys.dont_write_bytecode = True
    while True:
        message = receive()
        goplay_wire.asking = True
        try:
            answer = {'value': handle(message)}
            json.dumps(pack(answer), default=plain)
        except BaseException as e:
            kinds = [c.__name__ for c in type(e).__mro__]
            answer = {'error': str(e), 'kind': type(e).__name__, 'class': str(type(e)), 'ansible': 'AnsibleError' in kinds,
                      'trace': trace(e)}
        goplay_wire.asking = False
        send(answer)


main()
