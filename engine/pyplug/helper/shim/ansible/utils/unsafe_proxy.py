from goplay_wire import UnsafeText


class AnsibleUnsafe:
    __UNSAFE__ = True


class AnsibleUnsafeText(UnsafeText, AnsibleUnsafe):
    pass


class AnsibleUnsafeBytes(bytes, AnsibleUnsafe):
    pass


def wrap_var(value):
    if isinstance(value, str):
        return value if isinstance(value, UnsafeText) else AnsibleUnsafeText(value)
    if isinstance(value, dict):
        return {wrap_var(k): wrap_var(v) for k, v in value.items()}
    if isinstance(value, (list, set)):
        return type(value)(wrap_var(v) for v in value)
    if isinstance(value, tuple):
        return tuple(wrap_var(v) for v in value)
    return value


def to_unsafe_text(*args, **kwargs):
    from ansible.module_utils.common.text.converters import to_text
    return wrap_var(to_text(*args, **kwargs))


def to_unsafe_bytes(*args, **kwargs):
    from ansible.module_utils.common.text.converters import to_bytes
    return AnsibleUnsafeBytes(to_bytes(*args, **kwargs))


class NativeJinjaUnsafeText(AnsibleUnsafeText):
    pass


class NativeJinjaText(str):
    pass


def _is_unsafe(value):
    return isinstance(value, UnsafeText) or getattr(value, '__UNSAFE__', False) is True
