# goplay's own helpers for modules: arguments against their specification.
import re

from ansible.module_utils.common.parameters import AnsibleFallbackNotFound
from ansible.module_utils.common.validation import _class, _convert
from ansible.module_utils.common.warnings import deprecate, warn
from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE


class _Invalid(Exception):
    pass


class Checker(object):
    """Checks arguments; has the aliases, the values to hide, warn and deprecate of whom it works for."""

    def _check(self, spec, params, path, mutually_exclusive=None, required_together=None, required_one_of=None, required_if=None, required_by=None, at=''):
        where = (' found in %s' % ' -> '.join(path)) if path else ''
        known = set()
        for name, s in spec.items():
            known.add(name)
            for a in s.get('aliases') or ():
                known.add(a)
                self.aliases[a] = name
                if a in params:
                    if name in params:
                        self.warn('Both option %s%s and its alias %s%s are set.' % (at, name, at, a))
                    params[name] = params[a]
        self._deprecated(spec, params, path, at)
        if not path:
            self._secrets(spec, params)
            self._warn_open_passwords(spec, params)
        unknown = sorted(k for k in params if k not in known)
        if unknown:
            def shown(n):
                al = spec[n].get('aliases')
                return '%s (%s)' % (n, ', '.join(sorted(al))) if al else n
            label = '.'.join(path + [unknown[0]]) if path else ', '.join(unknown)
            raise _Invalid('Unsupported parameters for (%s) module: %s. Supported parameters include: %s.' % (
                self._name, label, ', '.join(shown(n) for n in sorted(spec))))
        for name, s in spec.items():
            if name not in params and s.get('fallback', (None,))[0] is not None:
                f, fargs, fkw = s['fallback'][0], [], {}
                for x in s['fallback'][1:]:
                    if isinstance(x, dict):
                        fkw = x
                    else:
                        fargs = x
                try:
                    params[name] = f(*fargs, **fkw)
                except AnsibleFallbackNotFound:
                    pass

        def given(k):
            return params.get(k) is not None
        for group in self._groups(mutually_exclusive):
            if sum(1 for k in group if given(k)) > 1:
                raise _Invalid('parameters are mutually exclusive: %s%s' % ('|'.join(group), where))
        missing = sorted(n for n, s in spec.items() if s.get('required') and n not in params)
        if missing:
            raise _Invalid('missing required arguments: %s%s' % (', '.join(missing), where))
        for name, s in spec.items():
            if params.get(name) is not None:
                params[name] = self._value(name, s, params[name], path)
        for group in required_together or ():
            n = sum(1 for k in group if given(k))
            if n and n != len(group):
                raise _Invalid('parameters are required together: %s%s' % (', '.join(group), where))
        for group in required_one_of or ():
            if not any(given(k) for k in group):
                raise _Invalid('one of the following is required: %s%s' % (', '.join(group), where))
        for name, s in spec.items():
            if params.get(name) is None:
                d = s.get('default')
                if d is None and s.get('apply_defaults') and s.get('options') is not None:
                    d = {}
                params[name] = self._value(name, s, d, path) if d is not None else None
        for rule in required_if or ():
            key, val, needs = rule[0], rule[1], rule[2]
            if params.get(key) != val:
                continue
            lack = [k for k in needs if not given(k)]
            if len(rule) > 3 and rule[3]:
                if len(lack) == len(needs):
                    raise _Invalid('%s is %s but any of the following are missing: %s%s' % (key, val, ', '.join(lack), where))
            elif lack:
                raise _Invalid('%s is %s but all of the following are missing: %s%s' % (key, val, ', '.join(lack), where))
        for key, needs in (required_by or {}).items():
            needs = [needs] if isinstance(needs, str) else needs
            lack = [k for k in needs if not given(k)]
            if given(key) and lack:
                raise _Invalid("missing parameter(s) required by '%s': %s%s" % (key, ', '.join(lack), where))

    @staticmethod
    def _groups(g):
        if not g:
            return []
        return [g] if isinstance(g[0], str) else g

    def _deprecated(self, spec, params, path, at):
        for name, s in spec.items():
            for a in s.get('deprecated_aliases') or ():
                if a['name'] in params:
                    self.deprecate("Alias '%s%s' is deprecated. See the module docs for more information" % (at, a['name']),
                                   version=a.get('version'), date=a.get('date'), collection_name=a.get('collection_name'))
            if params.get(name) is not None and ('removed_in_version' in s or 'removed_at_date' in s):
                shown = '%s["%s"]' % ('.'.join(path), name) if path else name
                self.deprecate("Param '%s' is deprecated. See the module docs for more information" % shown,
                               version=s.get('removed_in_version'), date=s.get('removed_at_date'), collection_name=s.get('removed_from_collection'))

    def _secrets(self, spec, params):
        for name, s in spec.items():
            v = params.get(name)
            if v is None:
                continue
            if s.get('no_log'):
                self._secret(v)
            for sub in (v if isinstance(v, list) else [v]):
                if s.get('options') and isinstance(sub, str):
                    try:
                        sub = _convert('dict', sub)
                    except (TypeError, ValueError):
                        continue
                if isinstance(sub, dict) and s.get('options'):
                    self._secrets(s['options'], sub)

    def _warn_open_passwords(self, spec, params):
        for k in list(params) + [n for n in spec if n not in params]:
            s = spec.get(self.aliases.get(k, k)) or {}
            if s.get('no_log') is None and re.search('(^|_)(pass|passwd|passphrase|password)(_|$)', k, re.I):
                self.warn('Module did not set no_log for %s' % k)

    def _secret(self, v):
        if isinstance(v, dict):
            for x in v.values():
                self._secret(x)
        elif isinstance(v, (list, tuple)):
            for x in v:
                self._secret(x)
        elif v is not None and not isinstance(v, bool) and str(v) != '':
            self.no_log_values.add(str(v))

    def _value(self, name, s, v, path):
        where = (' found in %s' % ' -> '.join(path)) if path else ''
        kind = s.get('type') or 'str'
        try:
            v = _convert(kind, v, self)
        except (TypeError, ValueError) as e:
            raise _Invalid("argument '%s' is of type %s%s and we were unable to convert to %s: %s" % (
                name, _class(v), where, getattr(kind, '__name__', kind), e))
        if kind == 'list' and s.get('elements') and s['elements'] != 'dict':
            out = []
            for x in v:
                try:
                    out.append(_convert(s['elements'], x, self))
                except (TypeError, ValueError) as e:
                    raise _Invalid("Elements value for option '%s' is of type %s%s and we were unable to convert to %s: %s" % (
                        name, _class(x), where, s['elements'], e))
            v = out
        choices = s.get('choices')
        if choices:
            if isinstance(v, list):
                bad = [x for x in v if x not in choices]
                if bad:
                    raise _Invalid('value of %s must be one or more of: %s. Got no match for: %s%s' % (
                        name, ', '.join(str(c) for c in choices), ', '.join(str(x) for x in bad), where))
            elif v not in choices:
                if v in ('True', 'False'):  # YAML has read on, yes ... as a boolean
                    words = [c for c in choices if c in (BOOLEANS_TRUE if v == 'True' else BOOLEANS_FALSE)]
                    if len(words) == 1:
                        return words[0]
                raise _Invalid('value of %s must be one of: %s, got: %s%s' % (name, ', '.join(str(c) for c in choices), v, where))
        if s.get('options') and s.get('apply_defaults') and v is None:
            v = {}
        if s.get('options') is not None:
            at = '.'.join(path + [name])
            for i, sub in enumerate(v if kind == 'list' else [v]):
                if not isinstance(sub, dict):
                    raise _Invalid("value of '%s' must be of type dict or list of dicts%s" % (name, where))
                self._check(s['options'], sub, path + [name], s.get('mutually_exclusive'), s.get('required_together'),
                            s.get('required_one_of'), s.get('required_if'), s.get('required_by'),
                            at + ('[%d].' % i if kind == 'list' else '.'))
        return v


class ValidationResult(object):
    def __init__(self, parameters):
        self._no_log_values, self._unsupported_parameters = set(), set()
        self._validated_parameters = dict(parameters)
        self._deprecations, self._warnings, self._aliases = [], [], {}
        self.error_messages, self.errors = [], []

    @property
    def validated_parameters(self):
        return self._validated_parameters

    @property
    def unsupported_parameters(self):
        return self._unsupported_parameters


class ArgumentSpecValidator(Checker):
    def __init__(self, argument_spec, mutually_exclusive=None, required_together=None, required_one_of=None, required_if=None, required_by=None):
        self.argument_spec = argument_spec
        self._rules = (mutually_exclusive, required_together, required_one_of, required_if, required_by)
        self._name, self.aliases, self.no_log_values = 'module', {}, set()
        self._said = self._dated = None

    def warn(self, msg):
        self._said.append({'option': '', 'alias': '', 'msg': msg})

    def deprecate(self, msg, version=None, date=None, collection_name=None):
        self._dated.append(dict(msg=msg, version=version, date=date, collection_name=collection_name))

    def validate(self, parameters, *args, **kwargs):
        import copy
        result = ValidationResult(copy.deepcopy(parameters))
        self._said, self._dated, self.no_log_values = result._warnings, result._deprecations, result._no_log_values
        try:
            self._check(self.argument_spec, result._validated_parameters, [], *self._rules)
        except _Invalid as e:
            text = str(e)
            if text.startswith('Unsupported parameters for'):
                text = text.split(': ', 1)[1]
                result._unsupported_parameters.update(k for k in parameters if k not in self.argument_spec and k not in self.aliases)
            result.error_messages.append(text)
            result.errors.append(e)
            for name, s in self.argument_spec.items():
                if result._validated_parameters.get(name) is None:
                    result._validated_parameters[name] = s.get('default')
        result._aliases = self.aliases
        return result


class ModuleArgumentSpecValidator(ArgumentSpecValidator):
    def validate(self, parameters):
        result = ArgumentSpecValidator.validate(self, parameters)
        for d in result._deprecations:
            deprecate(d['msg'], version=d['version'], date=d['date'], collection_name=d['collection_name'])
        for w in result._warnings:
            warn(w['msg'])
        return result
