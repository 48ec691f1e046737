# goplay's own helpers for modules: types of arguments and rules between them.
import json
import os
import shlex

from ansible.module_utils.common.text.converters import jsonify, to_native
from ansible.module_utils.common.text.formatters import human_to_bytes
from ansible.module_utils.parsing.convert_bool import boolean


def _class(v):
    return "<class '%s'>" % type(v).__name__


def _convert(kind, v, m=None):
    if callable(kind):
        return kind(v)
    if kind == 'str':
        return v if isinstance(v, str) else to_native(v)
    if kind == 'bool':
        return boolean(v)
    if kind == 'int':
        if not isinstance(v, (int, str, float)) or isinstance(v, float) and v != int(v):
            raise TypeError('%s cannot be converted to an int' % _class(v))
        try:
            return v if isinstance(v, int) else int(v)
        except ValueError:
            raise TypeError('%s cannot be converted to an int' % _class(v))
    if kind == 'float':
        try:
            return float(v)
        except (ValueError, TypeError):
            raise TypeError('%s cannot be converted to a float' % _class(v))
    if kind == 'list':
        if isinstance(v, list):
            return v
        if isinstance(v, str):
            return [x.strip() for x in v.split(',')]
        if isinstance(v, (int, float)):
            return [str(v)]
        raise TypeError('%s cannot be converted to a list' % _class(v))
    if kind == 'dict':
        if isinstance(v, dict):
            return v
        if isinstance(v, str):
            if v.startswith('{'):
                try:
                    return json.loads(v)
                except ValueError:
                    import ast
                    try:
                        return ast.literal_eval(v)
                    except (ValueError, SyntaxError):
                        raise TypeError('unable to evaluate string as dictionary')
            if '=' in v:
                return dict(x.split('=', 1) for x in shlex.split(v.replace(',', ' ')))
            raise TypeError('dictionary requested, could not parse JSON or key=value')
        raise TypeError('%s cannot be converted to a dict' % _class(v))
    if kind == 'path':
        return os.path.expandvars(os.path.expanduser(_convert('str', v)))
    if kind in ('json', 'jsonarg'):
        if isinstance(v, (str, bytes)):
            return v.strip()
        if isinstance(v, (list, tuple, dict)):
            return jsonify(v)
        raise TypeError('%s cannot be converted to a json string' % _class(v))
    if kind in ('bytes', 'bits'):
        try:
            return human_to_bytes(v, isbits=kind == 'bits')
        except ValueError:
            raise TypeError('%s cannot be converted to a %s value' % (_class(v), 'Byte' if kind == 'bytes' else 'Bit'))
    return v


def check_type_str(value, allow_conversion=True, param=None, prefix=''):
    if not isinstance(value, str) and not allow_conversion:
        raise TypeError("'%r' is not a string and conversion is not allowed" % (value,))
    return _convert('str', value)


def check_type_list(value):
    return _convert('list', value)


def check_type_dict(value):
    return _convert('dict', value)


def check_type_bool(value):
    return _convert('bool', value)


def check_type_int(value):
    return _convert('int', value)


def check_type_float(value):
    return _convert('float', value)


def check_type_path(value):
    return _convert('path', value)


def check_type_raw(value):
    return value


def check_type_bytes(value):
    return _convert('bytes', value)


def check_type_bits(value):
    return _convert('bits', value)


def check_type_jsonarg(value):
    return _convert('jsonarg', value)


def safe_eval(value, locals=None, include_exceptions=False):
    import ast
    error = None
    if isinstance(value, str):
        try:
            value = ast.literal_eval(value)
        except Exception as e:
            error = e
    return (value, error) if include_exceptions else value


def _where(context):
    return ' found in %s' % ' -> '.join(context) if context else ''


def _given(parameters, name):
    return parameters.get(name) is not None


def count_terms(terms, parameters):
    return len({terms} & set(parameters) if isinstance(terms, str) else set(terms) & set(parameters))


def _groups(rules):
    if not rules:
        return []
    return [rules] if isinstance(rules[0], str) else rules


def check_mutually_exclusive(terms, parameters, options_context=None):
    for group in _groups(terms):
        if sum(1 for k in group if _given(parameters, k)) > 1:
            raise TypeError('parameters are mutually exclusive: %s%s' % ('|'.join(group), _where(options_context)))
    return []


def check_required_one_of(terms, parameters, options_context=None):
    for group in terms or ():
        if not any(_given(parameters, k) for k in group):
            raise TypeError('one of the following is required: %s%s' % (', '.join(group), _where(options_context)))
    return []


def check_required_together(terms, parameters, options_context=None):
    for group in terms or ():
        n = sum(1 for k in group if _given(parameters, k))
        if n and n != len(group):
            raise TypeError('parameters are required together: %s%s' % (', '.join(group), _where(options_context)))
    return []


def check_required_by(requirements, parameters, options_context=None):
    for key, needs in (requirements or {}).items():
        needs = [needs] if isinstance(needs, str) else needs
        lack = [k for k in needs if not _given(parameters, k)]
        if _given(parameters, key) and lack:
            raise TypeError("missing parameter(s) required by '%s': %s%s" % (key, ', '.join(lack), _where(options_context)))
    return {}


def check_required_arguments(argument_spec, parameters, options_context=None):
    missing = sorted(n for n, s in (argument_spec or {}).items() if s.get('required') and n not in parameters)
    if missing:
        raise TypeError('missing required arguments: %s%s' % (', '.join(missing), _where(options_context)))
    return missing


def check_required_if(requirements, parameters, options_context=None):
    for rule in requirements or ():
        key, val, needs = rule[0], rule[1], rule[2]
        if key not in parameters or parameters[key] != val:
            continue
        lack = [k for k in needs if not _given(parameters, k)]
        if len(rule) > 3 and rule[3]:
            if len(lack) == len(needs):
                raise TypeError('%s is %s but any of the following are missing: %s%s' % (key, val, ', '.join(lack), _where(options_context)))
        elif lack:
            raise TypeError('%s is %s but all of the following are missing: %s%s' % (key, val, ', '.join(lack), _where(options_context)))
    return []


def check_missing_parameters(parameters, required_parameters=None):
    missing = [k for k in required_parameters or () if not _given(parameters, k)]
    if missing:
        raise TypeError('missing required arguments: %s' % ', '.join(missing))
    return missing
