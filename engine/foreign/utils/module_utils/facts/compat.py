# goplay's own few facts for modules that look at the system themselves.
import os
import platform
import socket


def get_all_facts(module):
    return {'ansible_' + k: v for k, v in ansible_facts(module).items()}


def ansible_facts(module, gather_subset=None):
    from ansible.module_utils.common import sys_info
    name = sys_info.get_distribution() or ''
    version = sys_info.get_distribution_version() or ''
    families = {'Debian': ('Debian', 'Ubuntu', 'Linuxmint', 'Kali', 'Raspbian'), 'RedHat': ('Redhat', 'Centos', 'Fedora', 'Rocky', 'Almalinux', 'Amazon', 'OracleLinux'),
                'Suse': ('Opensuse-leap', 'Sles'), 'Archlinux': ('Arch',), 'Alpine': ('Alpine',)}
    family = next((f for f, names in families.items() if name in names), name)
    return dict(system=platform.system(), kernel=platform.release(), machine=platform.machine(), architecture=platform.machine(), hostname=platform.node().split('.')[0],
                nodename=platform.node(), fqdn=socket.getfqdn(), distribution=name, distribution_version=version, os_family=family,
                distribution_major_version=version.split('.')[0], distribution_release=sys_info.get_distribution_codename() or 'NA',
                python_version=platform.python_version(), env=dict(os.environ), service_mgr='systemd' if os.path.isdir('/run/systemd/system') else 'service')
