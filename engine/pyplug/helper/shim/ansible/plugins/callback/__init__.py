"""What callback plugins are built on."""

import copy
import difflib
import json

from ansible.plugins import AnsiblePlugin
from ansible.utils.display import Display

COLORS = dict(ok='green', changed='yellow', skip='cyan', error='red', unreachable='bright red')


def strip_internal_keys(dirty, exceptions=None):
    keep = exceptions or ()
    if isinstance(dirty, dict):
        return {k: strip_internal_keys(v, keep) for k, v in dirty.items() if not (isinstance(k, str) and k.startswith('_ansible_') and k not in keep)}
    if isinstance(dirty, list):
        return [strip_internal_keys(v, keep) for v in dirty]
    return dirty


def module_response_deepcopy(v):
    return copy.deepcopy(v)


class CallbackBase(AnsiblePlugin):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'notification'
    CALLBACK_NAME = 'unnamed'
    _kind = 'callback'

    def __init__(self, display=None, options=None):
        self._display = display or Display()
        self._options, self._plugin_options = {}, {}
        self.disabled = False
        self._hide_in_debug = ('changed', 'failed', 'skipped', 'invocation', 'skip_reason')
        self.wants_implicit_tasks = False

    _copy_result = staticmethod(copy.deepcopy)

    def set_option(self, k, v):
        AnsiblePlugin.set_option(self, k, v)

    def set_options(self, task_keys=None, var_options=None, direct=None):
        AnsiblePlugin.set_options(self, task_keys, var_options, direct)
        self._plugin_options = self._options

    def set_play_context(self, play_context):
        pass

    def _dump_results(self, result, indent=None, sort_keys=True, keep_invocation=False, serialize=True):
        clean = strip_internal_keys(result)
        if not keep_invocation and self._display.verbosity < 3:
            clean.pop('invocation', None)
        if self._display.verbosity < 3:
            clean.pop('diff', None)
            clean.pop('exception', None)
        if not serialize:
            return clean
        if indent is None and (result.get('_ansible_verbose_always') or self._display.verbosity > 2):
            indent = 4
        return json.dumps(clean, indent=indent, ensure_ascii=False, sort_keys=sort_keys, default=str)

    def _handle_warnings(self, res):
        """goplay shows the warnings of results itself."""
        res.pop('warnings', None)
        res.pop('deprecations', None)

    def _handle_exception(self, result, use_stderr=False):
        if 'exception' in result:
            text = 'An exception occurred during task execution. '
            if self._display.verbosity < 3:
                text += 'To see the full traceback, use -vvv. The error was: %s' % result['exception'].strip().split('\n')[-1]
            else:
                text += 'The full traceback is:\n' + result.pop('exception')
            self._display.display(text, color='red', stderr=use_stderr)

    def _serialize_diff(self, diff):
        return json.dumps(diff, sort_keys=True, indent=4) + '\n'

    def _get_diff(self, difflist):
        out = []
        for diff in difflist if isinstance(difflist, list) else [difflist]:
            if 'before' in diff and 'after' in diff:
                texts = [d if isinstance(d, str) else self._serialize_diff(d) for d in (diff['before'], diff['after'])]
                names = ['%s: %s' % (k, diff[k + '_header']) if k + '_header' in diff else k for k in ('before', 'after')]
                lines = list(difflib.unified_diff(texts[0].splitlines(True), texts[1].splitlines(True), *names, lineterm='\n'))
                out += [line if line.endswith('\n') else line + '\n\\ No newline at end of file\n' for line in lines]
                if lines:
                    out.append('\n')
            if 'prepared' in diff:
                out.append(diff['prepared'])
        return ''.join(out)

    def _get_item_label(self, result):
        if result.get('_ansible_no_log'):
            return '(censored due to no_log)'
        return result.get('_ansible_item_label', result.get('item'))

    _get_item = _get_item_label

    def _process_items(self, result):
        del result._result['results']

    def _clean_results(self, result, task_name):
        if task_name in ('debug', 'ansible.builtin.debug', 'ansible.legacy.debug'):
            for key in list(result):
                if 'msg' in result and key not in ('msg', 'exception', 'warnings', 'deprecations') and not key.startswith('_') or key in self._hide_in_debug:
                    result.pop(key)

    def _print_task_path(self, task, color=None):
        path = task.get_path()
        if path:
            self._display.display('task path: %s' % path, color=color)

    def _run_is_verbose(self, result, verbosity=0):
        return (self._display.verbosity > verbosity or result._result.get('_ansible_verbose_always')) and '_ansible_verbose_override' not in result._result

    @staticmethod
    def host_label(result):
        return '%s -> %s' % (result._host.get_name(), result._delegate) if result._delegate else result._host.get_name()

    def on_any(self, *args, **kwargs):
        pass

    def runner_on_failed(self, host, res, ignore_errors=False):
        pass

    def runner_on_ok(self, host, res):
        pass

    def runner_on_skipped(self, host, item=None):
        pass

    def runner_on_unreachable(self, host, res):
        pass

    def runner_on_no_hosts(self):
        pass

    def runner_on_async_poll(self, host, res, jid, clock):
        pass

    def runner_on_async_ok(self, host, res, jid):
        pass

    def runner_on_async_failed(self, host, res, jid):
        pass

    def playbook_on_start(self):
        pass

    def playbook_on_notify(self, host, handler):
        pass

    def playbook_on_no_hosts_matched(self):
        pass

    def playbook_on_no_hosts_remaining(self):
        pass

    def playbook_on_task_start(self, name, is_conditional):
        pass

    def playbook_on_play_start(self, name):
        pass

    def playbook_on_stats(self, stats):
        pass

    def on_file_diff(self, host, diff):
        pass

    def v2_on_any(self, *args, **kwargs):
        self.on_any(args, kwargs)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.runner_on_failed(result._host.get_name(), result._result, ignore_errors)

    def v2_runner_on_ok(self, result):
        self.runner_on_ok(result._host.get_name(), result._result)

    def v2_runner_on_skipped(self, result):
        self.runner_on_skipped(result._host.get_name(), self._get_item_label(getattr(result._result, 'results', {})))

    def v2_runner_on_unreachable(self, result):
        self.runner_on_unreachable(result._host.get_name(), result._result)

    def v2_runner_on_async_poll(self, result):
        self.runner_on_async_poll(result._host.get_name(), result._result, result._result.get('ansible_job_id'), 0)

    def v2_runner_on_async_ok(self, result):
        self.runner_on_async_ok(result._host.get_name(), result._result, result._result.get('ansible_job_id'))

    def v2_runner_on_async_failed(self, result):
        self.runner_on_async_failed(result._host.get_name(), result._result, result._result.get('ansible_job_id'))

    def v2_playbook_on_start(self, playbook):
        self.playbook_on_start()

    def v2_playbook_on_notify(self, handler, host):
        self.playbook_on_notify(host, handler)

    def v2_playbook_on_no_hosts_matched(self):
        self.playbook_on_no_hosts_matched()

    def v2_playbook_on_no_hosts_remaining(self):
        self.playbook_on_no_hosts_remaining()

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.playbook_on_task_start(task.name, is_conditional)

    def v2_playbook_on_cleanup_task_start(self, task):
        pass

    def v2_playbook_on_handler_task_start(self, task):
        pass

    def v2_playbook_on_vars_prompt(self, varname, **kwargs):
        pass

    def v2_playbook_on_play_start(self, play):
        self.playbook_on_play_start(play.name)

    def v2_playbook_on_stats(self, stats):
        self.playbook_on_stats(stats)

    def v2_on_file_diff(self, result):
        if 'diff' in result._result:
            self.on_file_diff(result._host.get_name(), result._result['diff'])

    def v2_playbook_on_include(self, included_file):
        pass

    def v2_runner_item_on_ok(self, result):
        pass

    def v2_runner_item_on_failed(self, result):
        pass

    def v2_runner_item_on_skipped(self, result):
        pass

    def v2_runner_retry(self, result):
        pass

    def v2_runner_on_start(self, host, task):
        pass
