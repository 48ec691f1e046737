import os
from collections.abc import Mapping

from ansible import _extend
from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.utils.display import Display

_extend(__path__, __name__)
display = Display()


class Variables(Mapping):
    """The variables of the host, asked for one by one."""

    def __init__(self, ask):
        self._ask = ask

    def __getitem__(self, name):
        answer = self._ask('var', name=name)
        if not answer['defined']:
            raise KeyError(name)
        return answer['value']

    def __contains__(self, name):
        return self._ask('var', name=name)['defined']

    def __iter__(self):
        return iter(self._ask('names'))

    def __len__(self):
        return len(self._ask('names'))

    def copy(self):
        return dict(self)


class Templar:
    def __init__(self, ask, variables):
        self._ask = ask
        self.available_variables = self._available_variables = variables

    def template(self, variable, *args, **kwargs):
        return self._ask('template', value=variable)

    def is_template(self, data):
        return isinstance(data, str) and ('{{' in data or '{%' in data)

    is_possibly_template = is_template


class Loader:
    def __init__(self, ask):
        self._ask = ask

    def get_basedir(self):
        return self._ask('basedir')

    def path_dwim(self, given):
        return os.path.normpath(os.path.join(self.get_basedir(), os.path.expanduser(given)))

    def path_exists(self, path):
        return os.path.exists(self.path_dwim(path))

    def get_real_file(self, path, decrypt=True):
        return path

    def _get_file_contents(self, path):
        with open(path, 'rb') as f:
            return f.read(), False


def _convert(value, option):
    kind = option.get('type')
    if value is None or not isinstance(value, str):
        return value
    if kind in ('bool', 'boolean'):
        return value.strip().lower() in ('y', 'yes', 'on', '1', 'true', 't')
    if kind in ('int', 'integer'):
        return int(value)
    if kind == 'float':
        return float(value)
    if kind == 'list':
        return [x.strip() for x in value.split(',')]
    if kind in ('path', 'tmppath'):
        return os.path.expanduser(os.path.expandvars(value))
    return value


class LookupBase:
    _display = display

    def __init__(self, loader=None, templar=None, **kwargs):
        self._loader = loader
        self._templar = templar
        self._options = {}

    def _declared(self):
        text = getattr(self, '_documentation', '')
        if not text:
            return {}
        try:
            import yaml
            return (yaml.safe_load(text) or {}).get('options') or {}
        except Exception:
            return {}

    def set_options(self, task_keys=None, var_options=None, direct=None):
        direct = direct or {}
        for name, option in self._declared().items():
            value = option.get('default')
            for env in option.get('env') or []:
                value = os.environ.get(env['name'], value)
            for var in option.get('vars') or []:
                if var_options is not None and var['name'] in var_options:
                    value = var_options[var['name']]
            for given in [name] + list(option.get('aliases') or []):
                value = direct.get(given, value)
            if value is None and option.get('required') and name != '_terms':
                raise AnsibleError('No setting was provided for required configuration plugin_type: lookup plugin: %s setting: %s'
                                   % (self._load_name, name))
            self._options[name] = _convert(value, option)
        for name, value in direct.items():
            self._options.setdefault(name, value)

    def get_option(self, option, hostvars=None):
        if option not in self._options:
            self.set_options(var_options=hostvars)
        if option not in self._options:
            raise KeyError('Requested entry (plugin_type: lookup plugin: %s setting: %s) was not defined in configuration.'
                           % (self._load_name, option))
        return self._options[option]

    def get_options(self, hostvars=None):
        return dict(self._options)

    def set_option(self, option, value):
        self._options[option] = value

    def has_option(self, option):
        return option in self._options

    def get_basedir(self, variables):
        return self._ask('basedir')

    def find_file_in_search_path(self, myvars, subdir, needle, ignore_missing=False):
        path = self._ask('find', kind=subdir, name=needle)
        if path is None and not ignore_missing:
            self._display.warning("Unable to find '%s' in expected paths (use -vvvvv to see paths)" % needle)
        return path

    @staticmethod
    def _flatten(terms):
        out = []
        for term in terms:
            out.extend(term if isinstance(term, (list, tuple)) else [term])
        return out

    @staticmethod
    def _combine(a, b):
        return [LookupBase._flatten([x, y]) for x in a for y in b]

    def run(self, terms, variables=None, **kwargs):
        raise AnsibleLookupError('the lookup plugin %s has no run()' % self._load_name)
