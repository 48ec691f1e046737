# goplay's own helpers for modules: values of arguments.
import os

from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.common.validation import (  # noqa: F401
    check_type_bits, check_type_bool, check_type_bytes, check_type_dict, check_type_float, check_type_int, check_type_jsonarg, check_type_list,
    check_type_path, check_type_raw, check_type_str)

HIDDEN = 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER'
DEFAULT_TYPE_VALIDATORS = {
    'str': check_type_str, 'list': check_type_list, 'dict': check_type_dict, 'bool': check_type_bool, 'int': check_type_int, 'float': check_type_float,
    'path': check_type_path, 'raw': check_type_raw, 'jsonarg': check_type_jsonarg, 'json': check_type_jsonarg, 'bytes': check_type_bytes, 'bits': check_type_bits}
PASS_VARS, PASS_BOOLS = {}, ('check_mode', 'debug', 'diff', 'keep_remote_files', 'no_log')


class AnsibleFallbackNotFound(Exception):
    pass


def env_fallback(*args, **kwargs):
    for a in args:
        if a in os.environ:
            return os.environ[a]
    raise AnsibleFallbackNotFound


def remove_values(value, no_log_strings):
    return _censor(value, no_log_strings)


def sanitize_keys(obj, no_log_strings, ignore_keys=frozenset()):
    secrets = [to_text(s) for s in no_log_strings]
    if isinstance(obj, dict):
        out = {}
        for k, v in obj.items():
            if isinstance(k, str) and k not in ignore_keys and not k.startswith('_ansible'):
                k = _censor(k, secrets)
            out[k] = sanitize_keys(v, secrets, ignore_keys)
        return out
    if isinstance(obj, (list, tuple)):
        return type(obj)(sanitize_keys(v, secrets, ignore_keys) for v in obj)
    return obj


def _censor(v, secrets):
    if isinstance(v, dict):
        return dict((k, _censor(x, secrets)) for k, x in v.items())
    if isinstance(v, (list, tuple)):
        return [_censor(x, secrets) for x in v]
    if isinstance(v, bool) or v is None:
        return v
    text = to_text(v) if isinstance(v, (str, bytes)) else str(v)
    if text in secrets:
        return HIDDEN
    if isinstance(v, (str, bytes)):
        for s in secrets:
            text = text.replace(s, '*' * 8)
        return text
    return v
