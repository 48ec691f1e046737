import os

import goplay_docs
from goplay_wire import ask

from ansible import _extend

_extend(__path__, __name__)


def _fits(value, kind):
    raise ValueError('Invalid type provided for "%s": %r' % (kind, value))


def _one(value, kind):
    """A value as an option of that type; ValueError where it cannot be."""
    if kind in ('bool', 'boolean'):
        if isinstance(value, str):
            return value.strip().lower() in ('y', 'yes', 'on', '1', 'true', 't', '1.0')
        return value in (1, True)
    if kind in ('int', 'integer'):
        if isinstance(value, (bool, int)):
            return int(value)
        try:
            if float(value) == int(float(value)):
                return int(float(value))
        except (TypeError, ValueError):
            pass
        _fits(value, kind)
    if kind == 'float':
        try:
            return float(value)
        except (TypeError, ValueError):
            _fits(value, kind)
    if kind == 'list':
        if isinstance(value, str):
            return [_unquote(x.strip()) for x in value.split(',')]
        return list(value) if isinstance(value, (list, tuple)) else _fits(value, kind)
    if kind in ('dict', 'dictionary'):
        return value if isinstance(value, dict) else _fits(value, kind)
    if kind in ('path', 'tmppath', 'tmp'):
        return os.path.expanduser(os.path.expandvars(value)) if isinstance(value, str) else _fits(value, kind)
    if kind in ('pathspec', 'pathlist'):
        if isinstance(value, str):
            value = value.split(os.pathsep if kind == 'pathspec' else ',')
        return [_one(x, 'path') for x in value] if isinstance(value, (list, tuple)) else _fits(value, kind)
    if kind in ('str', 'string'):
        return str(value) if isinstance(value, (str, bool, int, float)) else _fits(value, kind)
    return value


def _unquote(text):
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in '\'"' and text[-2] != '\\' else text


def _convert(value, option):
    return None if value is None else _one(value, option.get('type'))


def _choose(value, option, entry):
    """Refuses what is not among an option's choices."""
    from ansible.errors import AnsibleOptionsError
    choices = option.get('choices')
    if value is None or not choices:
        return value
    given = value if option.get('type') == 'list' else [value]
    if any(x not in choices for x in given):
        raise AnsibleOptionsError('Invalid value "%s" for configuration option "%s", valid values are: %s' % (value, entry, ', '.join(str(c) for c in choices)))
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
            return _choose(_convert(value, option), option, 'plugin_type: %s plugin: %s setting: %s ' % (self._kind, self._load_name, name))
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
        declared = self._declared().get(option)
        self._options[option] = self._setting(option, declared, {option: value}, None) if declared else value

    def has_option(self, option):
        return option in getattr(self, '_options', {}) or option in self._declared()

    @property
    def option_definitions(self):
        return self._declared()


def get_plugin_class(obj):
    return (obj if isinstance(obj, type) else type(obj)).__name__.lower().replace('module', '')
