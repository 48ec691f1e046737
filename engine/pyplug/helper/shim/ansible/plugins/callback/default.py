"""The default layout, for plugins that change parts of it."""

from ansible.plugins.callback import COLORS, CallbackBase

COMPAT_OPTIONS = ()


class CallbackModule(CallbackBase):
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'default'
    _documentation = 'extends_documentation_fragment: [default_callback, result_format_callback]'

    def __init__(self):
        CallbackBase.__init__(self)
        self._play = self._last_task_banner = self._last_task_name = None
        self._task_type_cache = {}

    def _option(self, name, default):
        try:
            return self.get_option(name)
        except KeyError:
            return default

    def _line(self, status, result, text='', color=None, stderr=False):
        if self._last_task_banner != result._task._uuid:
            self._print_task_banner(result._task)
        self._display.display('%s: [%s]%s' % (status, self.host_label(result), text), color=COLORS.get(color), stderr=stderr)

    def _shown(self, result):
        if self._run_is_verbose(result):
            return ' => ' + self._dump_results(result._result)
        return ''

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._clean_results(result._result, result._task.action)
        self._handle_exception(result._result)
        self._handle_warnings(result._result)
        if result._task.loop and 'results' in result._result:
            self._process_items(result)
        else:
            self._line('fatal', result, ': FAILED! => ' + self._dump_results(result._result), 'error')
        if ignore_errors:
            self._display.display('...ignoring', color=COLORS['skip'])

    def _outcome(self, result):
        if result._result.get('changed', False):
            return 'changed', 'changed'
        return 'ok', 'ok'

    def v2_runner_on_ok(self, result):
        status, color = self._outcome(result)
        if status == 'ok' and not self._option('display_ok_hosts', True):
            return
        self._handle_warnings(result._result)
        if result._task.loop and 'results' in result._result:
            self._process_items(result)
            return
        self._clean_results(result._result, result._task.action)
        self._line(status, result, self._shown(result), color)

    def v2_runner_on_skipped(self, result):
        if self._option('display_skipped_hosts', True):
            self._clean_results(result._result, result._task.action)
            if result._task.loop and 'results' in result._result:
                self._process_items(result)
            self._line('skipping', result, self._shown(result), 'skip')

    def v2_runner_on_unreachable(self, result):
        self._line('fatal', result, ': UNREACHABLE! => ' + self._dump_results(result._result), 'unreachable')

    def v2_playbook_on_no_hosts_matched(self):
        self._display.display('skipping: no hosts matched', color=COLORS['skip'])

    def v2_playbook_on_no_hosts_remaining(self):
        self._display.banner('NO MORE HOSTS LEFT')

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._print_task_banner(task)

    def v2_playbook_on_handler_task_start(self, task):
        self._print_task_banner(task, 'RUNNING HANDLER')

    def _print_task_banner(self, task, prefix='TASK'):
        self._display.banner('%s [%s]' % (prefix, task.get_name().strip()))
        self._last_task_banner = task._uuid

    def v2_playbook_on_play_start(self, play):
        name = play.get_name().strip()
        self._display.banner('PLAY [%s]' % name if name else 'PLAY')
        self._play = play

    def v2_on_file_diff(self, result):
        items = result._result['results'] if result._task.loop and 'results' in result._result else [result._result]
        for res in items:
            if res.get('diff') and res.get('changed', False):
                text = self._get_diff(res['diff'])
                if text:
                    if self._last_task_banner != result._task._uuid:
                        self._print_task_banner(result._task)
                    self._display.display(text)

    def _item(self, status, result, color, more=''):
        self._clean_results(result._result, result._task.action)
        self._line(status, result, ' => (item=%s)%s' % (self._get_item_label(result._result), more or self._shown(result)), color)

    def v2_runner_item_on_ok(self, result):
        status, color = self._outcome(result)
        if status == 'changed' or self._option('display_ok_hosts', True):
            self._item(status, result, color)

    def v2_runner_item_on_failed(self, result):
        self._handle_exception(result._result)
        self._line('failed', result, ' (item=%s) => %s' % (self._get_item_label(result._result), self._dump_results(result._result)), 'error')

    def v2_runner_item_on_skipped(self, result):
        if self._option('display_skipped_hosts', True):
            self._item('skipping', result, 'skip', ' ' + self._shown(result))

    def v2_playbook_on_include(self, included_file):
        self._display.display('included: %s for %s' % (included_file._filename, ', '.join(h.name for h in included_file._hosts)), color=COLORS['skip'])

    def v2_runner_retry(self, result):
        left = result._result.get('retries', 0) - result._result.get('attempts', 0)
        self._display.display('FAILED - RETRYING: [%s]: %s (%d retries left).' % (self.host_label(result), result._task.name, left))

    def v2_playbook_on_stats(self, stats):
        self._display.banner('PLAY RECAP')
        for host in sorted(stats.processed):
            s = stats.summarize(host)
            self._display.display('%-26s : ok=%-4d changed=%-4d unreachable=%-4d failed=%-4d skipped=%-4d rescued=%-4d ignored=%-4d'
                                  % (host, s['ok'], s['changed'], s['unreachable'], s['failures'], s['skipped'], s['rescued'], s['ignored']))
        self._display.display('')
