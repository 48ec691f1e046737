import os

from ansible.errors import AnsibleError


def unfrackpath(path, follow=True, basedir=None):
    if isinstance(path, bytes):
        path = path.decode('utf-8', 'surrogateescape')
    path = os.path.expanduser(os.path.expandvars(path))
    if not os.path.isabs(path):
        path = os.path.join(os.path.dirname(basedir) if basedir and os.path.isfile(basedir) else basedir or os.getcwd(), path)
    return os.path.normpath(os.path.realpath(path) if follow else path)


def makedirs_safe(path, mode=None):
    path = unfrackpath(path)
    if not os.path.exists(path):
        try:
            os.makedirs(path, mode or 0o777, exist_ok=True)
        except OSError as e:
            raise AnsibleError('Unable to create local directories(%s): %s' % (path, e))


def basedir(source):
    return source if os.path.isdir(source) else os.path.dirname(source) or os.getcwd()


def cleanup_tmp_file(path, warn=False):
    try:
        os.unlink(path)
    except OSError:
        pass


def is_subpath(child, parent, real=False):
    child, parent = unfrackpath(child, follow=real), unfrackpath(parent, follow=real)
    return child == parent or child.startswith(parent.rstrip('/') + '/')
