# goplay's own version numbers, compared as distutils did.
import re


class Version(object):
    def __init__(self, vstring=None):
        if vstring:
            self.parse(vstring)

    def __repr__(self):
        return "%s ('%s')" % (type(self).__name__, self)

    def _other(self, other):
        return type(self)(other) if isinstance(other, str) else other

    def __eq__(self, other):
        return self._cmp(self._other(other)) == 0

    def __lt__(self, other):
        return self._cmp(self._other(other)) < 0

    def __le__(self, other):
        return self._cmp(self._other(other)) <= 0

    def __gt__(self, other):
        return self._cmp(self._other(other)) > 0

    def __ge__(self, other):
        return self._cmp(self._other(other)) >= 0

    __hash__ = object.__hash__


class LooseVersion(Version):
    component_re = re.compile(r'(\d+|[a-z]+|\.)', re.VERBOSE)

    def parse(self, vstring):
        self.vstring = vstring
        parts = [x for x in self.component_re.split(vstring) if x and x != '.']
        self.version = [int(x) if x.isdigit() else x for x in parts]

    def __str__(self):
        return self.vstring

    def _cmp(self, other):
        return (self.version > other.version) - (self.version < other.version)


class StrictVersion(Version):
    version_re = re.compile(r'^(\d+)\.(\d+)(\.(\d+))?([ab](\d+))?$')

    def parse(self, vstring):
        m = self.version_re.match(vstring)
        if not m:
            raise ValueError("invalid version number '%s'" % vstring)
        self.version = (int(m.group(1)), int(m.group(2)), int(m.group(4) or 0))
        self.prerelease = (m.group(5)[0], int(m.group(6))) if m.group(5) else None

    def __str__(self):
        parts = self.version if self.version[2] else self.version[:2]
        return '.'.join(map(str, parts)) + (self.prerelease[0] + str(self.prerelease[1]) if self.prerelease else '')

    def _key(self):
        return self.version, self.prerelease is None, self.prerelease or ()

    def _cmp(self, other):
        return (self._key() > other._key()) - (self._key() < other._key())
