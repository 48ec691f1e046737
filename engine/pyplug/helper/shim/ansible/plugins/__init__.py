import os

import goplay_docs
from goplay_wire import ask

from ansible import _extend

_extend(__path__, __name__)


def _convert(value, option):
    kind = option.get('type')
    if value is None or not isinstance(value, str):
        if kind == 'list' and isinstance(value, tuple):
            return list(value)
        return value
    if kind in ('bool', 'boolean'):
        return value.strip().lower() in ('y', 'yes', 'on', '1', 'true', 't')
    if kind in ('int', 'integer'):
        return int(value)
    if kind == 'float':
        return float(value)
    if kind == 'list':
        return [x.strip() for x in value.split(',')]
    if kind in ('path', 'tmppath', 'tmp'):
        return os.path.expanduser(os.path.expandvars(value))
    return value


def _written(name, option):
    """The setting's entries for the environment and ansible.cfg."""
    env = [e['name'] for e in option.get('env') or []]
    ini = [[i.get('section', 'defaults'), i['key']] for i in option.get('ini') or []]
    return env, ini


class AnsiblePlugin:
    """What plugins of all kinds share: options that their documentation declares."""

    allow_extras = False
    _kind = 'plugin'
    _load_name = _original_path = _redirected_names = None

    def _declared(self):
        """Options by name, as the plugin and its documentation fragments declare them."""
        if '_options_declared' not in self.__dict__:
            text = getattr(self, '_documentation', '') or ''
            self._options_declared = goplay_docs.options(text) if text else {}
        return self._options_declared

    def _setting(self, name, option, direct, var_options):
        from ansible.errors import AnsibleError
        value, given = option.get('default'), False
        env, ini = _written(name, option)
        if env or ini:
            answer = ask('option', env=env, ini=ini)
            if answer['found']:
                value, given = answer['value'], True
        for var in option.get('vars') or []:
            if var_options is not None and var['name'] in var_options:
                value, given = var_options[var['name']], True
        for n in list(option.get('aliases') or []) + [name]:
            if n in direct:
                value, given = direct[n], True
        if value is None and option.get('required') and not given:
            raise AnsibleError('No setting was provided for required configuration plugin_type: %s plugin: %s setting: %s'
                               % (self._kind, self._load_name, name))
        try:
            return _convert(value, option)
        except ValueError as e:
            raise AnsibleError("Invalid type for configuration option plugin_type: %s plugin: %s setting: %s : %s" % (self._kind, self._load_name, name, e))

    def set_options(self, task_keys=None, var_options=None, direct=None):
        direct = direct or {}
        self._options = getattr(self, '_options', None) or {}
        for name, option in self._declared().items():
            self._options[name] = self._setting(name, option or {}, direct, var_options)
        for name, value in direct.items():
            self._options.setdefault(name, value)

    def get_option(self, option, hostvars=None):
        if option not in getattr(self, '_options', {}):
            if option not in self._declared():
                raise KeyError('Requested entry (plugin_type: %s plugin: %s setting: %s ) was not defined in configuration.'
                               % (self._kind, self._load_name, option))
            self._options = getattr(self, '_options', None) or {}
            self._options[option] = self._setting(option, self._declared()[option] or {}, {}, hostvars)
        return self._options[option]

    def get_option_and_origin(self, option, hostvars=None):
        return self.get_option(option, hostvars), 'default'

    def get_options(self, hostvars=None):
        return {k: self.get_option(k, hostvars) for k in self._declared()}

    def set_option(self, option, value):
        self._options = getattr(self, '_options', None) or {}
        self._options[option] = value

    def has_option(self, option):
        return option in getattr(self, '_options', {}) or option in self._declared()

    @property
    def option_definitions(self):
        return self._declared()


def get_plugin_class(obj):
    return (obj if isinstance(obj, type) else type(obj)).__name__.lower().replace('module', '')
