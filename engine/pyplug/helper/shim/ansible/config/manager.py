from ansible.constants import config as _config
from ansible.plugins import _convert


def ensure_type(value, value_type, origin=None, origin_ftype=None):
    return _convert(value, {'type': value_type})


class ConfigManager:
    def __new__(cls, *args, **kwargs):
        return _config
