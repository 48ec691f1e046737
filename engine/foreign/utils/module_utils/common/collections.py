# goplay's own helpers for modules: collections.
from collections.abc import Container, Hashable, Iterable, Mapping, MutableMapping, MutableSequence, Sequence, Set  # noqa: F401


class ImmutableDict(Hashable, Mapping):
    def __init__(self, *args, **kwargs):
        self._store = dict(*args, **kwargs)

    def __getitem__(self, key):
        return self._store[key]

    def __iter__(self):
        return iter(self._store)

    def __len__(self):
        return len(self._store)

    def __hash__(self):
        return hash(frozenset(self.items()))

    def __eq__(self, other):
        return isinstance(other, Mapping) and dict(self.items()) == dict(other.items())

    def __repr__(self):
        return 'ImmutableDict(%r)' % self._store

    def union(self, overriding_mapping):
        return ImmutableDict(self._store, **overriding_mapping)

    def difference(self, subtractive_iterable):
        return ImmutableDict((k, v) for k, v in self.items() if k not in frozenset(subtractive_iterable))


def is_string(seq):
    return isinstance(seq, (str, bytes)) or getattr(seq, '__ENCRYPTED__', False)


def is_iterable(seq, include_strings=False):
    if not include_strings and is_string(seq):
        return False
    try:
        iter(seq)
    except TypeError:
        return False
    return True


def is_sequence(seq, include_strings=False):
    return (include_strings or not is_string(seq)) and isinstance(seq, Sequence)


def count(seq):
    if not is_iterable(seq):
        raise Exception('Argument provided  is not an iterable')
    out = {}
    for x in seq:
        out[x] = out.get(x, 0) + 1
    return out
