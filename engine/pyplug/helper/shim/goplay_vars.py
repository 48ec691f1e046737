"""Variables of the host, asked for one by one; what a plugin sets stays with it."""

from goplay_wire import ask

_GONE = object()


class Variables(dict):
    def __init__(self, path=()):
        dict.__init__(self)
        self._path = list(path)
        self._names = None

    def _look(self, name):
        if dict.__contains__(self, name):
            value = dict.__getitem__(self, name)
            return (value is not _GONE), value
        answer = ask('var', path=self._path + [name])
        if not answer['defined']:
            return False, None
        value = Variables(self._path + [name]) if answer.get('lazy') else answer['value']
        dict.__setitem__(self, name, value)
        return True, value

    def __getitem__(self, name):
        ok, value = self._look(name)
        if not ok:
            raise KeyError(name)
        return value

    def __contains__(self, name):
        if dict.__contains__(self, name):
            return dict.__getitem__(self, name) is not _GONE
        return ask('var', path=self._path + [name], there=True)['defined']

    has_key = __contains__

    def get(self, name, default=None):
        ok, value = self._look(name)
        return value if ok else default

    def __iter__(self):
        if self._names is None:
            self._names = ask('names', path=self._path)
        own = [k for k in dict.keys(self) if k not in self._names]
        return iter([k for k in self._names if dict.get(self, k) is not _GONE] + [k for k in own if dict.get(self, k) is not _GONE])

    def keys(self):
        return list(self)

    def values(self):
        return [self[k] for k in self]

    def items(self):
        return [(k, self[k]) for k in self]

    def __len__(self):
        return len(list(iter(self)))

    def __bool__(self):
        return True

    def __eq__(self, other):
        return self is other or dict(self.items()) == other

    __hash__ = None

    def __delitem__(self, name):
        if name not in self:
            raise KeyError(name)
        dict.__setitem__(self, name, _GONE)

    def pop(self, name, *default):
        ok, value = self._look(name)
        if ok:
            dict.__setitem__(self, name, _GONE)
            return value
        if default:
            return default[0]
        raise KeyError(name)

    def setdefault(self, name, default=None):
        ok, value = self._look(name)
        if not ok:
            dict.__setitem__(self, name, default)
            return default
        return value

    def copy(self):
        other = Variables(self._path)
        dict.update(other, dict.items(self))
        other._set = set(self._set)
        return other

    __copy__ = copy

    def __deepcopy__(self, memo):
        return self.copy()

    def __repr__(self):
        return 'Variables(%s)' % '.'.join(self._path)

    # What was set here, and not merely asked for, goes with requests to render.
    @property
    def _set(self):
        return self.__dict__.setdefault('_own', set())

    @_set.setter
    def _set(self, names):
        self.__dict__['_own'] = names

    def __setitem__(self, name, value):
        self._set.add(name)
        dict.__setitem__(self, name, value)

    def update(self, *args, **kwargs):
        for k, v in dict(*args, **kwargs).items():
            self[k] = v

    def own(self):
        return {k: dict.__getitem__(self, k) for k in self._set if dict.get(self, k) is not _GONE}


def over(variables):
    """What must be sent to render with variables besides those of the task."""
    if isinstance(variables, Variables):
        return {} if variables._path else variables.own()
    return {k: v for k, v in (variables or {}).items() if not isinstance(v, Variables)}
