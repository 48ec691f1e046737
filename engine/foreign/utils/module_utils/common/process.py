# goplay's own helpers for modules: programs.
import os

from ansible.module_utils.common.file import is_executable


def get_bin_path(arg, opt_dirs=None, required=None):
    dirs = [d for d in opt_dirs or () if d and os.path.exists(d)] + os.environ.get('PATH', '').split(os.pathsep)
    dirs += [d for d in ('/sbin', '/usr/sbin', '/usr/local/sbin') if d not in dirs and os.path.exists(d)]
    for d in dirs:
        path = os.path.join(d, arg)
        if d and os.path.exists(path) and not os.path.isdir(path) and is_executable(path):
            return path
    raise ValueError('Failed to find required executable "%s" in paths: %s' % (arg, os.pathsep.join(dirs)))
