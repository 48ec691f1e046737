"""Templates are rendered by goplay."""

import contextlib
import copy

from goplay_vars import Variables, over
from goplay_wire import UnsafeText, ask

from ansible.errors import AnsibleAssertionError


def is_template(data, jinja_env=None):
    if isinstance(data, str):
        return not isinstance(data, UnsafeText) and ('{{' in data or '{%' in data or '{#' in data)
    if isinstance(data, (list, tuple)):
        return any(is_template(x) for x in data)
    if isinstance(data, dict):
        return any(is_template(k) or is_template(v) for k, v in data.items())
    return False


def generate_ansible_template_vars(path, fullpath=None, dest_path=None):
    return ask('templatevars', file=path, full=fullpath or path, dest=dest_path)


class AnsibleUndefined:
    """What an undefined variable is in a template; plugins meet it as an error instead."""


def recursive_check_defined(item):
    pass


class _Loader:
    searchpath = []


class _Environment:
    """The few settings of Jinja2 that plugins change."""

    def __init__(self):
        self.loader = _Loader()
        self.variable_start_string, self.variable_end_string = '{{', '}}'
        self.block_start_string, self.block_end_string = '{%', '%}'
        self.comment_start_string, self.comment_end_string = '{#', '#}'
        self.newline_sequence = '\n'
        self.trim_blocks, self.lstrip_blocks = True, False
        self.filters, self.tests, self.globals = {}, {}, {}

    def changed(self):
        out = {}
        for k, v in vars(_Environment()).items():
            have = getattr(self, k)
            if k not in ('loader', 'filters', 'tests', 'globals') and have != v:
                out[k] = have
        return out


class Templar:
    def __init__(self, loader=None, variables=None, shared_loader_obj=None):
        self._loader = loader
        self._available_variables = {} if variables is None else variables
        self.environment = _Environment()
        self._fail_on_undefined_errors = True

    @property
    def available_variables(self):
        return self._available_variables

    @available_variables.setter
    def available_variables(self, variables):
        if not isinstance(variables, dict) and not hasattr(variables, 'keys'):
            raise AnsibleAssertionError('the type of variables should be a dict but was a %s' % type(variables))
        self._available_variables = variables

    def set_available_variables(self, variables):
        self.available_variables = variables

    def _request(self, **more):
        return dict(more, vars=over(self._available_variables))

    def template(self, variable, convert_bare=False, preserve_trailing_newlines=True, escape_backslashes=True, fail_on_undefined=None,
                 overrides=None, convert_data=True, static_vars=None, cache=None, disable_lookups=False, **kwargs):
        if variable is None or isinstance(variable, (bool, int, float)):
            return variable
        if convert_bare and isinstance(variable, str) and not is_template(variable):
            if variable.split('.')[0].split('[')[0] in self._available_variables:
                variable = '{{%s}}' % variable
        settings = self.environment.changed()
        settings.update(overrides or {})
        if settings or self.environment.loader.searchpath:
            if isinstance(variable, str):
                return self.do_template(variable, overrides=overrides, preserve_trailing_newlines=preserve_trailing_newlines)
        if not is_template(variable):
            return variable
        strict = self._fail_on_undefined_errors if fail_on_undefined is None else fail_on_undefined
        return ask('template', **self._request(value=variable, lenient=not strict))

    def do_template(self, data, preserve_trailing_newlines=True, escape_backslashes=True, fail_on_undefined=None, overrides=None,
                    disable_lookups=False, convert_data=False, **kwargs):
        settings = self.environment.changed()
        settings.update(overrides or {})
        return ask('file', **self._request(text=data, settings=settings, search=list(self.environment.loader.searchpath)))

    def is_template(self, data):
        return is_template(data)

    is_possibly_template = is_template

    def evaluate(self, condition):
        return ask('condition', **self._request(value=condition))

    @contextlib.contextmanager
    def set_temporary_context(self, **kwargs):
        before_vars, before_env = self._available_variables, self.environment
        self.environment = copy.copy(before_env)
        self.environment.loader = copy.copy(before_env.loader)
        try:
            self._apply(kwargs)
            yield
        finally:
            self._available_variables, self.environment = before_vars, before_env

    def _apply(self, kwargs):
        for k, v in kwargs.items():
            if v is None:
                continue
            if k == 'available_variables':
                self._available_variables = v
            elif k == 'searchpath':
                self.environment.loader.searchpath = v
            else:
                setattr(self.environment, k, v)

    def copy_with_new_env(self, environment_class=None, **kwargs):
        other = Templar(self._loader, self._available_variables)
        other._apply(kwargs)
        return other


AnsibleEnvironment = AnsibleNativeEnvironment = _Environment
__all__ = ['Templar', 'Variables', 'is_template', 'generate_ansible_template_vars']
