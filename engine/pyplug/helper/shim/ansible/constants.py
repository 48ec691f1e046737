"""Settings, asked of goplay when a plugin names one."""

from goplay_wire import ask

BOOL_TRUE = BOOLEANS_TRUE = frozenset(('y', 'yes', 'on', '1', 'true', 't', 1, 1.0, True))
LOCALHOST = ('127.0.0.1', 'localhost', '::1')
MODULE_REQUIRE_ARGS = ('command', 'win_command', 'ansible.windows.win_command', 'shell', 'win_shell', 'ansible.windows.win_shell', 'raw', 'script')
MODULE_NO_JSON = ('command', 'win_command', 'ansible.windows.win_command', 'shell', 'win_shell', 'ansible.windows.win_shell', 'raw')
RESTRICTED_RESULT_KEYS = ('ansible_rsync_path', 'ansible_playbook_python', 'ansible_facts')
INTERNAL_RESULT_KEYS = ('add_host', 'add_group')
INTERNAL_STATIC_VARS = frozenset(('ansible_async_path', 'ansible_config_file', 'ansible_check_mode', 'ansible_diff_mode', 'ansible_facts', 'ansible_version',
                                  'inventory_dir', 'inventory_file', 'inventory_hostname', 'inventory_hostname_short', 'groups', 'group_names', 'omit',
                                  'hostvars', 'playbook_dir', 'play_hosts', 'role_path', 'ansible_verbosity', 'ansible_forks'))
DEFAULT_PASSWORD_CHARS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-_'
MAGIC_VARIABLE_MAPPING = dict(
    connection=('ansible_connection',), remote_addr=('ansible_ssh_host', 'ansible_host'), remote_user=('ansible_ssh_user', 'ansible_user'),
    port=('ansible_ssh_port', 'ansible_port'), password=('ansible_ssh_pass', 'ansible_password'),
    private_key_file=('ansible_ssh_private_key_file', 'ansible_private_key_file'), timeout=('ansible_ssh_timeout', 'ansible_timeout'),
    shell=('ansible_shell_type',), become=('ansible_become',), become_method=('ansible_become_method',), become_user=('ansible_become_user',),
    become_pass=('ansible_become_password', 'ansible_become_pass'), become_exe=('ansible_become_exe',), become_flags=('ansible_become_flags',))
COLOR_CODES = {'black': '0;30', 'bright gray': '0;37', 'blue': '0;34', 'white': '1;37', 'green': '0;32', 'bright blue': '1;34', 'cyan': '0;36',
               'bright green': '1;32', 'red': '0;31', 'bright cyan': '1;36', 'purple': '0;35', 'bright red': '1;31', 'yellow': '0;33',
               'bright purple': '1;35', 'dark gray': '1;30', 'bright yellow': '1;33', 'magenta': '0;35', 'bright magenta': '1;35', 'normal': '0'}


class _Config:
    def get_config_value(self, config, cfile=None, plugin_type=None, plugin_name=None, keys=None, variables=None, direct=None):
        return ask('setting', name=config, kind=plugin_type, plugin=plugin_name)

    def get_config_value_and_origin(self, config, **kwargs):
        return self.get_config_value(config), 'default'


config = _Config()


def __getattr__(name):
    if name.startswith('__'):
        raise AttributeError(name)
    answer = ask('setting', name=name, found=True)
    if not answer['found']:
        raise AttributeError("module 'ansible.constants' has no attribute '%s'" % name)
    return answer['value']
