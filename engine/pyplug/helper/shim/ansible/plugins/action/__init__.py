"""ActionBase for goplay: what touches the target is asked of the controller."""

import base64
import json
import os
import re
import shlex
import tempfile

from goplay_wire import ask

from ansible.errors import AnsibleActionFail, AnsibleActionSkip, AnsibleError, AnsibleFileNotFound
from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible.utils.display import Display

display = Display()


class ActionBase:
    TRANSFERS_FILES = False
    BYPASS_HOST_LOOP = False
    _VALID_ARGS = frozenset()
    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False

    def __init__(self, task, connection, play_context, loader, templar, shared_loader_obj):
        self._task, self._connection, self._play_context = task, connection, play_context
        self._loader, self._templar, self._shared_loader_obj = loader, templar, shared_loader_obj
        self._cleanup_remote_tmp = False
        self._display = display
        self._used_interpreter = None
        self._discovered_interpreter_key = None

    def run(self, tmp=None, task_vars=None):
        task = self._task
        if task.async_val and not self._supports_async:
            raise AnsibleActionFail('This action (%s) does not support async.' % task.action)
        if task.check_mode and not self._supports_check_mode:
            raise AnsibleActionSkip('This action (%s) does not support check mode.' % task.action)
        if task.async_val and task.check_mode:
            raise AnsibleActionFail('"check mode" and "async" cannot be used on same task.')
        if self._VALID_ARGS:
            bad = [a for a in task.args if a not in self._VALID_ARGS]
            if bad:
                raise AnsibleActionFail('Invalid options for %s: %s' % (task.action, ','.join(bad)))
        if self._connection._shell.tmpdir is None and self._early_needs_tmp_path():
            self._make_tmp_path()
        return {}

    def validate_argument_spec(self, argument_spec=None, mutually_exclusive=None, required_together=None, required_one_of=None,
                               required_if=None, required_by=None):
        from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
        args = {k: v for k, v in self._task.args.items() if not k.startswith('_ansible_')}
        checker = ArgumentSpecValidator(argument_spec or {}, mutually_exclusive=mutually_exclusive, required_together=required_together,
                                        required_one_of=required_one_of, required_if=required_if, required_by=required_by)
        outcome = checker.validate(args)
        if outcome.error_messages:
            raise AnsibleActionFail('Validation of arguments failed:\n%s' % '\n'.join(outcome.error_messages))
        return outcome, outcome.validated_parameters

    def cleanup(self, force=False):
        if self._cleanup_remote_tmp or force:
            self._remove_tmp_path(self._connection._shell.tmpdir)

    def get_plugin_option(self, plugin, option, default=None):
        try:
            return plugin.get_option(option)
        except (AttributeError, KeyError):
            return default

    def get_become_option(self, option, default=None):
        return self.get_plugin_option(self._connection.become, option, default)

    def get_connection_option(self, option, default=None):
        return self.get_plugin_option(self._connection, option, default)

    def get_shell_option(self, option, default=None):
        return self.get_plugin_option(self._connection._shell, option, default)

    def _remote_file_exists(self, path):
        return self._low_level_execute_command('test -e %s' % shlex.quote(path))['rc'] == 0

    def _early_needs_tmp_path(self):
        return self.TRANSFERS_FILES

    def _late_needs_tmp_path(self, tmp, module_style):
        return False

    def _is_pipelining_enabled(self, module_style=None, wrap_async=False):
        return True

    def _get_admin_users(self):
        return ['root']

    def _get_remote_user(self):
        return self._play_context.remote_user

    def _is_become_unprivileged(self):
        return bool(self._play_context.become) and self._play_context.become_user not in ('root', self._get_remote_user())

    def _make_tmp_path(self, remote_user=None):
        self._connection._shell.tmpdir = ask('tmp')
        self._cleanup_remote_tmp = True
        return self._connection._shell.tmpdir

    def _should_remove_tmp_path(self, tmp_path):
        return bool(tmp_path and self._cleanup_remote_tmp and 'ansible-tmp-' in tmp_path)

    def _remove_tmp_path(self, tmp_path, force=False):
        if tmp_path is None and self._connection._shell.tmpdir:
            tmp_path = self._connection._shell.tmpdir
        if force or self._should_remove_tmp_path(tmp_path):
            self._low_level_execute_command('rm -rf %s' % shlex.quote(tmp_path))
            self._connection._shell.tmpdir = None

    def _transfer_file(self, local_path, remote_path):
        self._connection.put_file(local_path, remote_path)
        return remote_path

    def _transfer_data(self, remote_path, data):
        if isinstance(data, dict):
            data = json.dumps(data)
        fd, path = tempfile.mkstemp()
        try:
            with os.fdopen(fd, 'wb') as f:
                f.write(to_bytes(data, errors='surrogate_or_strict'))
            self._transfer_file(path, remote_path)
        finally:
            os.unlink(path)
        return remote_path

    def _fixup_perms2(self, remote_paths, remote_user=None, execute=True):
        """What is sent belongs to the task's identity already."""
        if execute and remote_paths:
            self._remote_chmod(remote_paths, 'u+x')
        return remote_paths

    def _remote_chmod(self, paths, mode, sudoable=False):
        return self._low_level_execute_command('chmod %s %s' % (mode, ' '.join(shlex.quote(p) for p in paths)))

    def _remote_chown(self, paths, user, sudoable=False):
        return self._low_level_execute_command('chown %s %s' % (user, ' '.join(shlex.quote(p) for p in paths)))

    def _remote_chgrp(self, paths, group, sudoable=False):
        return self._low_level_execute_command('chgrp %s %s' % (group, ' '.join(shlex.quote(p) for p in paths)))

    def _execute_remote_stat(self, path, all_vars, follow, tmp=None, checksum=True):
        stat = self._execute_module('ansible.legacy.stat', dict(path=path, follow=follow, get_checksum=checksum, checksum_algorithm='sha1'),
                                    task_vars=all_vars)
        if stat.get('failed'):
            raise AnsibleError('Failed to get information on remote file (%s): %s' % (path, stat.get('msg') or stat.get('module_stderr')))
        if not stat['stat']['exists']:
            stat['stat']['checksum'] = '1'
        stat['stat'].setdefault('checksum', '')
        return stat['stat']

    def _remote_checksum(self, path, all_vars, follow=False):
        try:
            found = self._execute_remote_stat(path, all_vars, follow)
        except AnsibleError:
            return '0'
        if found['exists'] and found['isdir']:
            return '3'
        return found['checksum']

    def _remote_expand_user(self, path, sudoable=True, pathsep=None):
        head, sep, rest = path.partition('/')
        if not head.startswith('~'):
            return path
        if not re.match(r'~[\w.-]*$', head):
            return path
        home = self._low_level_execute_command('echo %s && pwd' % head)['stdout'].strip().split('\n')[0]
        return path if not home or home.startswith('~') else home + sep + rest

    def _strip_success_message(self, data):
        return data

    def _low_level_execute_command(self, cmd, sudoable=True, in_data=None, executable=None, encoding_errors='surrogate_then_replace', chdir=None):
        if not cmd:
            return dict(stdout='', stderr='', rc=254)
        data = base64.b64encode(to_bytes(in_data)).decode() if in_data else None
        out = ask('command', cmd=to_text(cmd), stdin=data, executable=executable, dir=chdir)
        out['stdout_lines'], out['stderr_lines'] = out['stdout'].splitlines(), out['stderr'].splitlines()
        return out

    def _update_module_args(self, module_name, module_args, task_vars, ignore_unknown_opts=False):
        pass

    def _configure_module(self, module_name, module_args, task_vars):
        raise AnsibleError('%s: a module is made ready by goplay itself, an action plugin cannot' % self._task.action)

    def _execute_module(self, module_name=None, module_args=None, tmp=None, task_vars=None, persist_files=False, delete_remote_tmp=None,
                        wrap_async=False, ignore_unknown_opts=False):
        name = self._task.action if module_name is None else module_name
        args = self._task.args if module_args is None else module_args
        args = {k: v for k, v in dict(args).items() if not str(k).startswith('_ansible_')}
        data = ask('module', name=name, args=args, task=self._task._changes(), env=self._compute_environment(), **{'async': bool(wrap_async)})
        data.setdefault('_ansible_parsed', True)
        for key in ('stdout', 'stderr'):
            if isinstance(data.get(key), str) and key + '_lines' not in data:
                data[key + '_lines'] = data[key].splitlines()
        return data

    def _compute_environment(self):
        """Variables that the plugin set with the task, besides those that goplay knows."""
        return self._task._environment()

    def _compute_environment_string(self, raw_environment_out=None):
        env = dict(ask('environment'), **self._compute_environment())
        if raw_environment_out is not None:
            raw_environment_out.update(env)
        return ' '.join('%s=%s' % (k, shlex.quote(str(v))) for k, v in env.items())

    def _parse_returned_data(self, res, profile='legacy'):
        out = res.get('stdout', '')
        start = out.find('{')
        try:
            data = json.loads(out[start:out.rfind('}') + 1] if start >= 0 else out)
            data['_ansible_parsed'] = True
        except ValueError:
            data = dict(failed=True, _ansible_parsed=False, module_stdout=out, module_stderr=res.get('stderr', ''),
                        msg='MODULE FAILURE\nSee stdout/stderr for the exact error')
        if 'rc' in res:
            data.setdefault('rc', res['rc']) if data.get('failed') else None
        return data

    def _get_diff_data(self, destination, source, task_vars, content=None, source_file=True):
        return ask('diffdata', dest=destination, src=source, is_file=source_file, content=to_text(content) if content is not None else None)

    def _find_needle(self, dirname, needle):
        path = ask('find', kind=dirname, name=needle)
        if path is None:
            raise AnsibleFileNotFound(file_name=needle)
        return path
