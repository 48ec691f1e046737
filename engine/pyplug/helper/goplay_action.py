"""Runs action plugins."""

import copy
import importlib.abc
import importlib.util
import sys
import types

from goplay_wire import ask

PREFIX = 'ansible.plugins.action.'
classes = {}


class Role:
    def __init__(self, d):
        self._role_path, self._role_name, self.name = d['path'], d['name'], d['name']
        self._role_collection = d.get('collection')

    def get_name(self, include_role_fqcn=True):
        return self.name

    def get_role_path(self):
        return self._role_path


class Block:
    def __init__(self, task):
        self._task = task

    def get_dep_chain(self):
        return None


class Task:
    """The task, as written and rendered."""

    def __init__(self, d):
        self._given = d
        self.__dict__.update(d)
        self._role = Role(d['role']) if d.get('role') else None
        self._parent = self._block = Block(self)
        self._uuid = d.get('id')

    def __getattr__(self, name):
        if name.startswith('_'):
            raise AttributeError(name)
        return None  # a keyword that the task does not have

    def get_name(self, include_role_fqcn=True):
        return self.name

    def get_search_path(self):
        return ask('searchpath')

    def get_vars(self):
        return dict(self.vars or {})

    def get_ds(self):
        return {self.action: self.args}

    def copy(self, exclude_parent=False, exclude_tasks=False):
        other = Task(self._given)
        other.__dict__.update(self.__dict__)
        other.args = copy.deepcopy(dict(self.args))
        return other

    def _changes(self):
        """Keywords that the plugin gave other values."""
        return {k: getattr(self, k) for k in ('check_mode', 'diff', 'no_log') if getattr(self, k) != self._given.get(k)}

    def _environment(self):
        if self.environment == self._given.get('environment'):
            return {}
        out = {}
        for level in self.environment if isinstance(self.environment, list) else [self.environment]:
            out.update(level or {})
        return {str(k): str(v) for k, v in out.items()}

    @staticmethod
    def load(data, block=None, role=None, task_include=None, variable_manager=None, loader=None):
        action, args = None, {}
        for k, v in data.items():
            if k not in ('name', 'when', 'register', 'vars', 'args', 'environment', 'delegate_to', 'become', 'become_user', 'no_log', 'tags', 'loop'):
                action, args = k, v
        if isinstance(args, str):
            args = {'_raw_params': args}
        return Task(dict(name=data.get('name', ''), action=action, args=dict(args or {}, **(data.get('args') or {})), async_val=0, poll=0,
                         check_mode=False, diff=False, no_log=data.get('no_log', False), environment=[], vars=data.get('vars', {})))


class Shell:
    SHELL_FAMILY = 'sh'
    _IS_WINDOWS = False
    _SHELL_REDIRECT_ALLNULL = '> /dev/null 2>&1'
    _SHELL_AND, _SHELL_OR = '&&', '||'
    COMMAND_SEP = ';'

    def __init__(self, d):
        self.tmpdir = None
        self._d = d
        self.executable = 'sh'

    def join_path(self, *args):
        import posixpath
        return posixpath.join(*args)

    def path_has_trailing_slash(self, path):
        return path.endswith('/')

    def get_remote_filename(self, path):
        import posixpath
        return posixpath.basename(path.strip())

    def quote(self, text):
        import shlex
        return shlex.quote(text)

    def get_option(self, name):
        values = {'remote_tmp': self._d.get('remote_tmp'), 'environment': [], 'admin_users': ['root'], 'async_dir': self._d.get('async_dir'),
                  'world_readable_temp': False, 'system_tmpdirs': ['/var/tmp', '/tmp']}
        return values[name]

    def has_option(self, name):
        return name in ('remote_tmp', 'environment', 'admin_users', 'async_dir', 'world_readable_temp', 'system_tmpdirs')

    def env_prefix(self, **env):
        return ' '.join('%s=%s' % (k, self.quote(str(v))) for k, v in env.items())

    def chmod(self, paths, mode):
        return ' '.join(['chmod', mode] + [self.quote(p) for p in paths])

    def remove(self, path, recurse=False):
        return 'rm -f %s%s %s' % ('-r' if recurse else '', self.quote(path), self._SHELL_REDIRECT_ALLNULL)

    def exists(self, path):
        return 'test -e %s' % self.quote(path)

    def expand_user(self, home, username=''):
        return 'echo %s' % home

    def pwd(self):
        return 'echo $PWD'

    def append_command(self, cmd, more):
        return '%s; %s' % (cmd, more) if cmd else more

    def wrap_for_exec(self, cmd):
        return cmd


class Become:
    def __init__(self, d):
        self.name, self._d = d['become_method'], d

    def get_option(self, name, playcontext=None):
        return {'become_user': self._d.get('become_user'), 'become_exe': self._d.get('become_method')}.get(name)

    def set_options(self, **kwargs):
        pass


class Connection:
    has_pipelining = True
    has_native_async = False
    always_pipeline_modules = True
    module_implementation_preferences = ('',)
    allow_executable = True
    force_persistence = False
    socket_path = None
    connected = True

    def __init__(self, d, play_context):
        self._d, self._play_context, self._shell = d, play_context, Shell(d)
        self.transport = self._load_name = d['connection']
        self._remote_is_local = d['connection'] == 'local'
        self.become = Become(d) if d.get('become') else None
        self.ansible_name = 'ansible.builtin.' + self.transport

    def _connect(self):
        return self

    def close(self):
        pass

    def reset(self):
        ask('reset')

    def set_become_plugin(self, plugin):
        self.become = plugin

    def set_options(self, *args, **kwargs):
        pass

    def set_option(self, name, value):
        self._d[name] = value

    def get_option(self, name, hostvars=None):
        names = {'host': 'remote_addr', 'private_key_file': 'private_key_file', 'timeout': 'timeout'}
        key = names.get(name, name)
        if key not in self._d:
            raise KeyError('Requested entry (plugin_type: connection plugin: %s setting: %s ) was not defined in configuration.' % (self.transport, name))
        return self._d[key]

    def has_option(self, name):
        return name in self._d

    def exec_command(self, cmd, in_data=None, sudoable=True):
        import base64
        out = ask('command', cmd=cmd.decode() if isinstance(cmd, bytes) else cmd, login=not sudoable,
                  stdin=base64.b64encode(in_data if isinstance(in_data, bytes) else in_data.encode()).decode() if in_data else None)
        return out['rc'], out['stdout'].encode('utf-8', 'surrogateescape'), out['stderr'].encode('utf-8', 'surrogateescape')

    def put_file(self, in_path, out_path):
        import os
        from ansible.errors import AnsibleFileNotFound
        if not os.path.exists(in_path):
            raise AnsibleFileNotFound('file or module does not exist: %s' % in_path)
        ask('put', src=os.path.abspath(in_path), dest=out_path)

    def fetch_file(self, in_path, out_path):
        import os
        ask('get', src=in_path, dest=os.path.abspath(out_path))


class PlayContext:
    """How the host is reached."""

    def __init__(self, d):
        self.__dict__.update(d)

    def __getattr__(self, name):
        if name.startswith('_'):
            raise AttributeError(name)
        return None

    def copy(self):
        return copy.copy(self)


class NativeAction:
    """An action of goplay's own, run with what the plugin left in its task."""

    def __init__(self, name, task):
        self._action_name, self._task = name, task

    def run(self, tmp=None, task_vars=None):
        return native(self._action_name, self._task)

    def cleanup(self, force=False):
        pass


def native(name, task):
    return ask('action', name=name, args=dict(task.args), task=task._changes())


def native_class(name):
    """The class that `from ansible.plugins.action.NAME import ActionModule` gives."""
    from ansible.plugins.action import ActionBase

    class ActionModule(ActionBase):
        _supports_async = True

        def run(self, tmp=None, task_vars=None):
            if name == 'normal':
                result = ActionBase.run(self, tmp, task_vars)
                result.update(self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val))
                return result
            out = native('ansible.builtin.' + name, self._task)
            return out

    return ActionModule


class NativeModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes goplay's own actions importable."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.startswith(PREFIX) and '.' not in fullname[len(PREFIX):]:
            if fullname[len(PREFIX):] == 'normal' or ask('isaction', name='ansible.builtin.' + fullname[len(PREFIX):]):
                return importlib.util.spec_from_loader(fullname, self)
        return None

    def create_module(self, spec):
        return types.ModuleType(spec.name)

    def exec_module(self, module):
        module.ActionModule = native_class(module.__name__[len(PREFIX):])


sys.meta_path.append(NativeModules())


def find_class(name, load=None):
    """The class of a plugin by its name; None where goplay has the action or the module itself."""
    found = ask('actionfile', name=name)
    if not found:
        return None
    return load_class(found['file'], found['name'], load)


def load_class(path, modname, load=None):
    if path not in classes:
        if load is None:
            load = sys.modules['__main__'].load
        classes[path] = load(path, modname).ActionModule
    return classes[path]


def handle(message, load):
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins import loader as shared
    from ansible.template import Templar
    from goplay_vars import Variables
    from ansible import errors
    cls = load_class(message['file'], message['modname'], load)
    task, context = Task(message['task']), PlayContext(message['play_context'])
    connection = Connection(message['play_context'], context)
    variables, files = Variables(), DataLoader()
    plugin = cls(task=task, connection=connection, play_context=context, loader=files, templar=Templar(files, variables), shared_loader_obj=shared)
    plugin._load_name = task.action
    try:
        result = plugin.run(task_vars=variables)
    except errors.AnsibleConnectionFailure as e:
        return {'unreachable': True, 'msg': str(e)}
    except errors.AnsibleAction as e:
        return e.result
    finally:
        try:
            plugin.cleanup()
        except errors.AnsibleError:
            pass
        files.cleanup_all_tmp_files()
    if not isinstance(result, dict):
        raise errors.AnsibleError('The action plugin %s did not return a dictionary' % task.action)
    return result
