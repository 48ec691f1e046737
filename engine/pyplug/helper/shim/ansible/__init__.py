"""The part of Ansible that plugins import, for goplay. An installed Ansible supplies the rest."""

import os
import sys

__version__ = os.environ.get('GOPLAY_ANSIBLE_VERSION', '2.18.0')
_bases = [p for p in os.environ.get('GOPLAY_ANSIBLE_PATH', '').split(os.pathsep) if p]


def _extend(path, name):
    for base in _bases:
        folder = os.path.join(base, *name.split('.')[1:])
        if os.path.isdir(folder) and folder not in path:
            path.append(folder)


_extend(__path__, __name__)
