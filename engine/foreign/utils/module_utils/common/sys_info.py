# goplay's own helpers for modules: what system this is.
import platform


def _release():
    out = {}
    for path in ('/etc/os-release', '/usr/lib/os-release'):
        try:
            with open(path) as f:
                for line in f:
                    k, _, v = line.strip().partition('=')
                    out[k] = v.strip('"\'')
            break
        except (IOError, OSError):
            continue
    return out


def get_distribution():
    if platform.system() != 'Linux':
        return platform.system() or None
    known = {'amzn': 'Amazon', 'rhel': 'Redhat', 'ol': 'OracleLinux', 'opensuse-leap': 'Opensuse-leap'}
    name = _release().get('ID', '')
    return known.get(name, name.capitalize()) or 'OtherLinux'


def get_distribution_version():
    if platform.system() != 'Linux':
        return None
    d = _release()
    version = d.get('VERSION_ID', '')
    if d.get('ID') == 'debian':
        try:
            with open('/etc/debian_version') as f:
                text = f.read().strip()
            if text[:1].isdigit():
                version = text
        except (IOError, OSError):
            pass
    return version


def get_distribution_codename():
    if platform.system() != 'Linux':
        return None
    d = _release()
    if d.get('ID') == 'fedora' and not d.get('VERSION_CODENAME'):
        return None
    return d.get('VERSION_CODENAME') or d.get('UBUNTU_CODENAME') or None


def get_platform_subclass(cls):
    from ansible.module_utils.common._utils import get_all_subclasses
    this, dist = platform.system(), get_distribution()
    best = None
    for sub in get_all_subclasses(cls):
        if sub.platform == this and (getattr(sub, 'distribution', None) == dist and dist is not None):
            return sub
        if sub.platform == this and getattr(sub, 'distribution', None) is None and best is None:
            best = sub
    return best or cls
