"""Runs callback plugins: one process has those of a run and is told every event."""

import copy
import sys

from goplay_wire import tell

plugins = []


class Out:
    """What plugins print goes to the terminal, whole lines at a time."""

    encoding = 'utf-8'

    def __init__(self):
        self._rest = ''

    def write(self, text):
        *lines, self._rest = (self._rest + text).split('\n')
        for line in lines:
            tell('display', text=line, newline=True)
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return False


class Host:
    def __init__(self, name):
        self.name = self.address = name
        self.vars, self.groups = {}, []

    def get_name(self):
        return self.name

    def get_groups(self):
        return []

    def get_vars(self):
        return {'inventory_hostname': self.name}

    def __str__(self):
        return self.name

    __repr__ = __str__


class Thing:
    """A playbook, play or task; what is not known of it is None."""

    def __init__(self, d):
        self.__dict__.update(d)

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return None

    def get_name(self, include_role_fqcn=True):
        return self.name

    def get_path(self):
        return self.path or ''

    def __str__(self):
        return self.name or ''


class Play(Thing):
    def get_variable_manager(self):
        return Thing({'extra_vars': {}})


class Result:
    def __init__(self, d, task):
        self._host, self._task, self._result = Host(d['host']), task, d['result']
        self._flags = {k: self._result.pop(k, False) for k in ('failed', 'skipped')}  # the method called tells it
        self._task_fields = dict(name=task.name, args=task.args or {}, action=task.action, ignore_errors=d.get('ignored'))
        self._delegate = d.get('delegate')
        self.task_name = task.name

    def _is(self, key):
        results = self._result.get('results')
        if isinstance(results, list) and self._task.loop:
            return any(isinstance(r, dict) and r.get(key) for r in results)
        return bool(self._flags.get(key) or self._result.get(key))

    def is_changed(self):
        return self._is('changed')

    def is_skipped(self):
        results = self._result.get('results')
        if results and self._task.loop:
            return all(isinstance(r, dict) and r.get('skipped') for r in results)
        return bool(self._flags['skipped'])

    def is_failed(self):
        if 'failed_when_result' in self._result:
            return bool(self._result['failed_when_result'])
        return self._is('failed')

    def is_unreachable(self):
        return self._is('unreachable')

    def needs_debugger(self, globally_enabled=False):
        return False

    def clean_copy(self):
        return copy.copy(self)


class Stats:
    def __init__(self, d):
        self.processed, self.custom = {h: 1 for h in d['hosts']}, d['custom']
        for attr in ('ok', 'failures', 'dark', 'changed', 'skipped', 'rescued', 'ignored'):
            setattr(self, attr, {h: c[attr] for h, c in d['hosts'].items() if c[attr]})

    def summarize(self, host):
        return dict(ok=self.ok.get(host, 0), failures=self.failures.get(host, 0), unreachable=self.dark.get(host, 0), changed=self.changed.get(host, 0),
                    skipped=self.skipped.get(host, 0), rescued=self.rescued.get(host, 0), ignored=self.ignored.get(host, 0))


tasks = {}
connection = []  # of the play


def task_of(d):
    if d['_uuid'] not in tasks:
        tasks[d['_uuid']] = Thing(dict(d, connection=d.get('connection') or (connection or [None])[0]))
    task = tasks[d['_uuid']]
    task.loop = task.loop or d['loop']
    return task


def arguments(name, d):
    """The arguments of a callback's method."""
    if 'result' in d:
        args = [Result(d, task_of(d['task']))]
        return args, {'ignore_errors': d['ignored']} if name == 'v2_runner_on_failed' else {}
    if name == 'v2_playbook_on_start':
        return [Thing(dict(_file_name=d['file'], _basedir=d['basedir'], name=d['file']))], {}
    if name == 'v2_playbook_on_play_start':
        tasks.clear()
        connection[:] = [d['play_context'].get('connection')]
        return [Play(d['play'])], {}
    if name == 'v2_playbook_on_task_start':
        return [task_of(d['task'])], {'is_conditional': False}
    if name == 'v2_playbook_on_handler_task_start':
        return [task_of(d['task'])], {}
    if name == 'v2_runner_on_start':
        return [Host(d['host']), task_of(d['task'])], {}
    if name == 'v2_playbook_on_include':
        return [Thing(dict(_filename=d['file'], _hosts=[Host(h) for h in d['hosts']], _task=task_of(d['task']), _args={}, _vars={}, _is_role=False))], {}
    if name == 'v2_playbook_on_notify':
        return [Thing({'name': d['handler']}), Host(d['host'])], {}
    if name == 'v2_playbook_on_vars_prompt':
        return [d['varname']], dict(private=d['private'], prompt=d['prompt'], encrypt=None, confirm=d['confirm'], salt_size=None, salt=None,
                                    default=d['default'], unsafe=None)
    if name == 'v2_playbook_on_stats':
        return [Stats(d)], {}
    return [], {}


def load_plugin(d, load):
    module = load(d['file'], d['modname'])
    cls = module.CallbackModule
    cls._load_name = d['name']
    cls._documentation = getattr(module, 'DOCUMENTATION', getattr(cls, '_documentation', ''))
    needs = getattr(cls, 'CALLBACK_NEEDS_ENABLED', getattr(cls, 'CALLBACK_NEEDS_WHITELIST', False))
    if not d['named'] and (needs or getattr(cls, 'CALLBACK_TYPE', '') == 'stdout'):
        return False
    sys.stdout = Out()
    plugin = cls()
    if hasattr(plugin, 'set_options'):
        plugin.set_options()
    plugins.append(plugin)
    return not plugin.disabled


def handle(message, load):
    if 'file' in message and 'modname' in message:
        return {'runs': load_plugin(message, load)}
    name = message['method']
    for plugin in plugins:
        if getattr(plugin, 'disabled', False):
            continue
        method = getattr(plugin, name, None)
        if method is None:
            continue
        args, kwargs = arguments(name, copy.deepcopy(message))
        try:
            if name == 'v2_playbook_on_play_start' and hasattr(plugin, 'set_play_context'):
                from goplay_action import PlayContext
                plugin.set_play_context(PlayContext(message['play_context']))
            method(*args, **kwargs)
            if hasattr(plugin, 'v2_on_any'):
                plugin.v2_on_any(*args, **kwargs)
        except Exception as e:
            tell('warning', text='Failure using method (%s) in callback plugin (%s): %s' % (name, plugin, e))
    return None
