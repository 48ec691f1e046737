from collections.abc import Iterable, Mapping, MutableMapping, Sequence  # noqa: F401


def is_string(x):
    return isinstance(x, (str, bytes))


def is_iterable(x, include_strings=False):
    return isinstance(x, Iterable) and (include_strings or not is_string(x))


def is_sequence(x, include_strings=False):
    return isinstance(x, Sequence) and (include_strings or not is_string(x))


def count(seq):
    out = {}
    for x in seq:
        out[x] = out.get(x, 0) + 1
    return out
