"""Finds plugins for plugins."""

import goplay_action
from goplay_wire import ask

from ansible.errors import AnsibleError


class _Loader:
    def __init__(self, kind, base_class=None):
        self.class_name, self.subdir, self.type = kind, kind, kind

    def has_plugin(self, name, collection_list=None):
        return bool(ask('has', kind=self.type, name=name))

    __contains__ = has_plugin

    def find_plugin(self, name, mod_type='', ignore_deprecated=False, check_aliases=False, collection_list=None):
        answer = ask('has', kind=self.type, name=name)
        return answer if isinstance(answer, str) else None

    def get(self, name, *args, **kwargs):
        return None

    def all(self, *args, **kwargs):
        return iter(())

    def add_directory(self, directory, with_subdir=False):
        ask('adddir', kind=self.type, dir=directory)


class _Actions(_Loader):
    def get(self, name, *args, **kwargs):
        task = kwargs.get('task')
        cls = goplay_action.find_class(name)
        if cls is not None:
            plugin = cls(*args, **{k: v for k, v in kwargs.items() if k not in ('class_only', 'collection_list')})
            plugin._load_name = name
            return plugin
        if name in ('normal', 'ansible.legacy.normal', 'ansible.builtin.normal'):
            return goplay_action.native_class('normal')(**{k: v for k, v in kwargs.items() if k not in ('class_only', 'collection_list')})
        if not ask('isaction', name=name):
            return None
        return goplay_action.NativeAction(name, task)


class _Lookups(_Loader):
    def get(self, name, *args, **kwargs):
        if not self.has_plugin(name):
            return None
        return _Lookup(name)


class _Lookup:
    def __init__(self, name):
        self._name = self._load_name = name

    def set_options(self, **kwargs):
        pass

    def run(self, terms, variables=None, **kwargs):
        return ask('lookup', name=self._name, terms=list(terms), kwargs=kwargs)


class _Funcs(_Loader):
    def get(self, name, *args, **kwargs):
        kind = self.type
        if not self.has_plugin(name):
            raise KeyError(name)

        def func(*fargs, **fkw):
            return ask('func', kind=kind, name=name, args=list(fargs), kwargs=fkw)
        func._load_name = name
        return type('Plugin', (), {'j2_function': staticmethod(func), '__call__': lambda self, *a, **k: func(*a, **k)})()


class _Modules(_Loader):
    def find_plugin_with_context(self, name, **kwargs):
        path = self.find_plugin(name)
        return type('Context', (), dict(resolved=bool(path), plugin_resolved_path=path, resolved_fqcn=name, plugin_resolved_name=name, redirect_list=[]))()


class _Connections(_Loader):
    def get(self, name, play_context=None, *args, **kwargs):
        raise AnsibleError('the connection plugin %s cannot be made by an action plugin; goplay connects itself' % name)


action_loader, lookup_loader = _Actions('action'), _Lookups('lookup')
filter_loader, test_loader = _Funcs('filter'), _Funcs('test')
module_loader, connection_loader = _Modules('module'), _Connections('connection')
become_loader, cache_loader, callback_loader, fragment_loader = _Loader('become'), _Loader('cache'), _Loader('callback'), _Loader('doc_fragments')
inventory_loader, module_utils_loader, shell_loader, strategy_loader = _Loader('inventory'), _Loader('module_utils'), _Loader('shell'), _Loader('strategy')
vars_loader, cliconf_loader, httpapi_loader, netconf_loader, terminal_loader = (_Loader(k) for k in ('vars', 'cliconf', 'httpapi', 'netconf', 'terminal'))
ps_module_utils_loader = doc_loader = _Loader('module_utils')


def get_shell_plugin(shell_type=None, executable=None):
    return goplay_action.Shell({})


def init_plugin_loader(prefix_collections_path=None):
    pass
