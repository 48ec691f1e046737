"""The options of the command line."""

from collections.abc import Mapping

from goplay_wire import ask


class _Options(Mapping):
    def _all(self):
        return ask('cliargs') or {}

    def __getitem__(self, name):
        return self._all()[name]

    def __iter__(self):
        return iter(self._all())

    def __len__(self):
        return len(self._all())

    def get(self, name, default=None):
        return self._all().get(name, default)


CLIARGS = _Options()


def cliargs_deferred_get(key, default=None, shallowcopy=False):
    return lambda: CLIARGS.get(key, default)
