# goplay's own helpers for modules: files.
import os
import re
import stat

FILE_ATTRIBUTES = {'A': 'noatime', 'a': 'append', 'c': 'compressed', 'C': 'nocow', 'd': 'nodump', 'D': 'dirsync', 'e': 'extents', 'E': 'encrypted',
                   'h': 'blocksize', 'i': 'immutable', 'I': 'indexed', 'j': 'journalled', 'N': 'inline', 's': 'zero', 'S': 'synchronous', 't': 'notail',
                   'T': 'blockroot', 'u': 'undelete', 'X': 'compressedraw', 'Z': 'compresseddirty'}
USERS_RE = re.compile(r'[^ugo]')
PERMS_RE = re.compile(r'[^rwxXstugo]')
S_IRANY, S_IWANY, S_IXANY = 0o0444, 0o0222, 0o0111
S_IRWU_RWG_RWO = S_IRANY | S_IWANY
S_IRWU_RG_RO = S_IRANY | stat.S_IWUSR
S_IRWXU_RXG_RXO = 0o0755
_PERM_BITS, _EXEC_PERM_BITS, _DEFAULT_PERM = 0o7777, 0o0111, 0o0666


def is_executable(path):
    return os.stat(path)[stat.ST_MODE] & 0o111 != 0


def format_attributes(attributes):
    return [FILE_ATTRIBUTES[a] for a in attributes if a in FILE_ATTRIBUTES]


def get_flags_from_attributes(attributes):
    return ''.join(f for f, a in FILE_ATTRIBUTES.items() if a in attributes)


def get_file_arg_spec():
    return dict(mode=dict(type='raw'), owner=dict(), group=dict(), seuser=dict(), serole=dict(), selevel=dict(), setype=dict(), attributes=dict(aliases=['attr']))


class LockTimeout(Exception):
    pass


class FileLock:
    """A lock beside a file, for as long as the block runs."""

    def __init__(self):
        self.lockfd = None

    def lock_file(self, path, tmpdir, lock_timeout=None):
        import contextlib
        import fcntl
        import time

        @contextlib.contextmanager
        def held():
            name = os.path.join(tmpdir, 'ansible-%s.lock' % os.path.basename(path))
            end = time.time() + (lock_timeout or 0)
            with open(name, 'w') as f:
                while True:
                    try:
                        fcntl.flock(f, fcntl.LOCK_EX | (fcntl.LOCK_NB if lock_timeout is not None else 0))
                        break
                    except (IOError, OSError):
                        if time.time() >= end:
                            raise LockTimeout('%s sec' % lock_timeout)
                        time.sleep(0.1)
                yield
        return held()
