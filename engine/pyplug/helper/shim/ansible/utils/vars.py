import keyword
import re
from collections.abc import MutableMapping, MutableSequence

from goplay_wire import ask


def merge_hash(x, y, recursive=True, list_merge='replace'):
    out = x.copy()
    for key, value in y.items():
        old = out.get(key)
        if isinstance(old, MutableMapping) and isinstance(value, MutableMapping):
            out[key] = merge_hash(old, value, recursive, list_merge) if recursive else value
        elif isinstance(old, MutableSequence) and isinstance(value, MutableSequence):
            out[key] = _merge_lists(old, value, list_merge)
        else:
            out[key] = value
    return out


def _merge_lists(old, new, how):
    if how == 'keep':
        return old
    if how == 'append':
        return old + new
    if how == 'prepend':
        return new + old
    if how == 'append_rp':
        return [v for v in old if v not in new] + new
    if how == 'prepend_rp':
        return new + [v for v in old if v not in new]
    return new


def combine_vars(a, b, merge=None):
    if merge is None:
        merge = ask('setting', name='DEFAULT_HASH_BEHAVIOUR') == 'merge'
    if merge:
        return merge_hash(a, b)
    out = a.copy()
    out.update(b)
    return out


def isidentifier(ident):
    return isinstance(ident, str) and re.match(r'[a-zA-Z_][a-zA-Z0-9_]*\Z', ident) is not None and not keyword.iskeyword(ident)


def load_extra_vars(loader=None):
    return ask('extravars') or {}


def get_unique_id():
    import uuid
    return str(uuid.uuid4())
