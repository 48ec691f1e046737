# goplay's own helpers for modules: services.
import glob
import os
import shlex


def sysv_is_enabled(name, runlevel=None):
    where = '/etc/rc?.d/S??' if runlevel is None else '/etc/rc%s.d/S??' % runlevel
    return bool(glob.glob(where + name))


def sysv_exists(name):
    return os.path.exists('/etc/init.d/%s' % name)


def get_sysv_script(name):
    return name if name.startswith('/') else '/etc/init.d/%s' % name


def fail_if_missing(module, found, service, msg=''):
    if not found:
        module.fail_json(msg='Could not find the requested service %s: %s' % (service, msg))


def get_ps(module, pattern):
    rc, out, err = module.run_command([module.get_bin_path('ps', True), 'auxww'])
    return rc == 0 and any(pattern in line for line in out.split('\n'))


def daemonize(module, cmd):
    rc, out, err = module.run_command(cmd if isinstance(cmd, list) else shlex.split(cmd))
    return rc, out, err
