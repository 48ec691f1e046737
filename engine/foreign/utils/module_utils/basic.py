# goplay's own AnsibleModule, for controllers on which no ansible-core is
# installed. It takes the arguments, checks them and writes the result as
# modules expect; what is rare is missing and says so by AttributeError.
import errno  # noqa: F401
import hashlib
import json
import locale  # noqa: F401
import os
import platform  # noqa: F401
import re  # noqa: F401
import shlex
import shutil
import signal
import stat  # noqa: F401
import subprocess
import sys
import tempfile
import time
import traceback

try:
    import syslog
except ImportError:
    syslog = None

from ansible.module_utils.common import warnings as _said
from ansible.module_utils.common._attributes import FileAttributes
from ansible.module_utils.common._collections_compat import KeysView, Mapping, MutableMapping, Sequence, Set  # noqa: F401
from ansible.module_utils.common._utils import get_all_subclasses  # noqa: F401
from ansible.module_utils.common.arg_spec import Checker, _Invalid
from ansible.module_utils.common.file import (  # noqa: F401
    FILE_ATTRIBUTES, PERMS_RE, USERS_RE, _PERM_BITS, format_attributes, get_flags_from_attributes, is_executable)
from ansible.module_utils.common.locale import get_best_parsable_locale  # noqa: F401
from ansible.module_utils.common.parameters import HIDDEN, AnsibleFallbackNotFound, _censor, env_fallback, remove_values, sanitize_keys  # noqa: F401
from ansible.module_utils.common.process import get_bin_path
from ansible.module_utils.common.sys_info import get_distribution, get_distribution_version, get_platform_subclass  # noqa: F401
from ansible.module_utils.common.text.converters import (  # noqa: F401
    container_to_bytes as json_dict_unicode_to_bytes, container_to_text as json_dict_bytes_to_unicode, jsonify, to_bytes, to_native, to_text)
from ansible.module_utils.common.text.formatters import SIZE_RANGES, bytes_to_human, human_to_bytes, lenient_lowercase  # noqa: F401
from ansible.module_utils.common.validation import check_missing_parameters, safe_eval  # noqa: F401
from ansible.module_utils.parsing.convert_bool import BOOLEANS, BOOLEANS_FALSE, BOOLEANS_TRUE, boolean  # noqa: F401
from ansible.module_utils.pycompat24 import get_exception, literal_eval  # noqa: F401
from ansible.module_utils.six import (  # noqa: F401
    PY2, PY3, b, binary_type, integer_types, iteritems, string_types, text_type)
from ansible.module_utils.six.moves import map, reduce, shlex_quote  # noqa: F401

NoneType = type(None)
imap = map
unicode, basestring, unicode_type = str, str, str
bool = bool
HAS_SYSLOG = syslog is not None
AVAILABLE_HASH_ALGORITHMS = {n: getattr(hashlib, n) for n in ('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512') if hasattr(hashlib, n)}

_ANSIBLE_ARGS = None
_ANSIBLE_PROFILE = None

FILE_COMMON_ARGUMENTS = dict(
    mode=dict(type='raw'), owner=dict(type='str'), group=dict(type='str'), seuser=dict(type='str'), serole=dict(type='str'),
    selevel=dict(type='str'), setype=dict(type='str'), attributes=dict(type='str', aliases=['attr']),
    unsafe_writes=dict(type='bool', default=False))

SEQUENCETYPE = (list, tuple)


def missing_required_lib(library, reason=None, url=None):
    msg = "Failed to import the required Python library (%s) on %s's Python %s." % (library, platform.node(), sys.executable)
    if reason:
        msg += ' This is required %s.' % reason
    if url:
        msg += ' See %s for more info.' % url
    return msg + (' Please read the module documentation and install it in the appropriate location. If the required library is installed, '
                  'but Ansible is using the wrong Python interpreter, please consult the documentation on ansible_python_interpreter')


def get_platform():
    return platform.system()


def load_platform_subclass(cls, *args, **kwargs):
    return super(cls, get_platform_subclass(cls)).__new__(get_platform_subclass(cls))


def _load_params():
    return json.loads(to_text(_ANSIBLE_ARGS))['ANSIBLE_MODULE_ARGS']


def heuristic_log_sanitize(data, no_log_values=None):
    return _censor(re.sub(r'(://[^:/@\s]*:)[^@/\s]*@', r'\1********@', data), no_log_values or set())


class AnsibleModule(Checker, FileAttributes):
    def __init__(self, argument_spec, bypass_checks=False, no_log=False, mutually_exclusive=None, required_together=None,
                 required_one_of=None, add_file_common_args=False, supports_check_mode=False, required_if=None, required_by=None):
        self.argument_spec = dict(argument_spec)
        self.supports_check_mode = supports_check_mode
        if add_file_common_args:
            for k, v in FILE_COMMON_ARGUMENTS.items():
                self.argument_spec.setdefault(k, v)
        self._name = 'module'
        self.check_mode = self._diff = self._debug = False
        self.no_log = no_log
        self._verbosity = 0
        self._warnings, self._deprecations = [], []
        self.no_log_values = set()
        self.cleanup_files = []
        self.run_command_environ_update = {}
        self._tmpdir = None
        self._syslog_facility = 'LOG_USER'
        self.ansible_version = None
        self._selinux_special_fs = []
        params = _load_params()
        self._internals(params)
        self.aliases = {}
        self.params = params
        if self.check_mode and not supports_check_mode:
            self.exit_json(skipped=True, msg='remote module (%s) does not support check mode' % self._name)
        try:
            self._check(self.argument_spec, params, [], mutually_exclusive, required_together, required_one_of, required_if, required_by)
        except _Invalid as e:
            self.fail_json(msg=str(e))
        self._log_invocation()

    def _internals(self, params):
        for k in [k for k in params if k.startswith('_ansible_')]:
            v = params.pop(k)
            name = k[len('_ansible_'):]
            if name == 'module_name':
                self._name = v
            elif name == 'check_mode':
                self.check_mode = v
            elif name == 'diff':
                self._diff = v
            elif name == 'verbosity':
                self._verbosity = v
            elif name == 'syslog_facility':
                self._syslog_facility = v
            elif name == 'no_log':
                self.no_log = self.no_log or v
            elif name == 'version':
                self.ansible_version = v
            elif name == 'debug':
                self._debug = v
            elif name == 'remote_tmp':
                self._remote_tmp = v
            elif name == 'selinux_special_fs':
                self._selinux_special_fs = v or []
            elif name == 'target_log_info':
                self._target_log_info = v

    @property
    def tmpdir(self):
        if self._tmpdir is None:
            self._tmpdir = tempfile.mkdtemp(prefix='ansible-moduletmp-')
            self.cleanup_files.append(self._tmpdir)
        return self._tmpdir

    def warn(self, warning):
        if warning not in self._warnings:
            self._warnings.append(warning)

    def deprecate(self, msg, version=None, date=None, collection_name=None):
        d = dict(msg=msg)
        if date is not None:
            d['date'] = date
        else:
            d['version'] = version
        if collection_name:
            d['collection_name'] = collection_name
        self._deprecations.append(d)

    def log(self, msg, log_args=None):
        if self.no_log or syslog is None:
            return
        syslog.openlog('ansible-%s' % self._name, 0, getattr(syslog, self._syslog_facility, syslog.LOG_USER))
        syslog.syslog(syslog.LOG_INFO, _censor(to_text(msg), self.no_log_values).replace('\0', ''))

    def debug(self, msg):
        pass

    def _log_invocation(self):
        shown = ('%s=%s' % (k, 'NOT_LOGGING_PARAMETER' if self.argument_spec.get(k, {}).get('no_log') else _censor(str(v), self.no_log_values))
                 for k, v in self.params.items())
        self.log(' '.join(['Invoked with'] + list(shown)))

    def boolean(self, arg):
        return None if arg is None else boolean(arg)

    def jsonify(self, data):
        return jsonify(data)

    def from_json(self, data):
        return json.loads(data)

    def add_cleanup_file(self, path):
        if path not in self.cleanup_files:
            self.cleanup_files.append(path)

    def do_cleanup_files(self):
        for p in self.cleanup_files:
            self.cleanup(p)

    def cleanup(self, path):
        try:
            if os.path.isdir(path):
                shutil.rmtree(path, True)
            elif os.path.lexists(path):
                os.unlink(path)
        except OSError as e:
            sys.stderr.write('could not cleanup %s: %s' % (path, e))

    def _finish(self, kwargs):
        self.add_path_info(kwargs)
        if 'invocation' not in kwargs:
            kwargs['invocation'] = {'module_args': self.params}
        for w in _said.get_warning_messages():
            self.warn(w)
        self._deprecations.extend(d for d in _said.get_deprecation_messages() if d not in self._deprecations)
        for key, own in (('warnings', self._warnings), ('deprecations', self._deprecations)):
            got = kwargs.pop(key, None) or []
            got = [got] if isinstance(got, (str, dict)) else list(got)
            if key == 'deprecations':
                got = [x if isinstance(x, dict) else dict(msg=x if isinstance(x, str) else x[0], version=None if isinstance(x, str) else x[1]) for x in got]
            both = own + [x for x in got if x not in own]
            if both:
                kwargs[key] = both
        self.do_cleanup_files()
        sys.stdout.write('\n%s\n' % jsonify(_censor(kwargs, self.no_log_values)))
        sys.stdout.flush()

    def exit_json(self, **kwargs):
        self._finish(kwargs)
        sys.exit(0)

    def fail_json(self, msg, **kwargs):
        kwargs['failed'] = True
        kwargs['msg'] = msg
        if 'exception' not in kwargs and sys.exc_info()[2] and self._verbosity >= 3:
            kwargs['exception'] = traceback.format_exc()
        self._finish(kwargs)
        sys.exit(1)

    def fail_on_missing_params(self, required_params=None):
        lack = [k for k in required_params or () if self.params.get(k) is None]
        if lack:
            self.fail_json(msg='missing required arguments: %s' % ', '.join(lack))

    def get_bin_path(self, arg, required=False, opt_dirs=None):
        try:
            return get_bin_path(arg, opt_dirs)
        except ValueError as e:
            if required:
                self.fail_json(msg=str(e))
            return None

    @staticmethod
    def _restore_signal_handlers():
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    @staticmethod
    def _until_prompt(p, data, pattern):
        """Reads what a program writes until it asks for something."""
        if data is not None:
            p.stdin.write(data)
            p.stdin.close()
        out = b''
        while True:
            chunk = os.read(p.stdout.fileno(), 65536)
            if not chunk:
                return out, False
            out += chunk
            if data is None and re.search(pattern, out):
                p.kill()
                p.wait()
                return out, True

    def run_command(self, args, check_rc=False, close_fds=True, executable=None, data=None, binary_data=False, path_prefix=None, cwd=None,
                    use_unsafe_shell=False, prompt_regex=None, environ_update=None, umask=None, encoding='utf-8',
                    errors='surrogate_or_strict', expand_user_and_vars=True, pass_fds=None, before_communicate_callback=None,
                    ignore_invalid_cwd=True, handle_exceptions=True):
        if not isinstance(args, (list, str, bytes)):
            self.fail_json(rc=257, cmd=args, msg='Argument \'args\' to run_command must be list or string')
        if isinstance(args, bytes):
            args = to_text(args)
        env = dict(os.environ)
        env.update(self.run_command_environ_update)
        env.update(environ_update or {})
        if path_prefix:
            env['PATH'] = path_prefix + ':' + env.get('PATH', '')
        shell = use_unsafe_shell
        if isinstance(args, list):
            if shell:
                args = ' '.join(shlex.quote(x) for x in args)
            elif expand_user_and_vars:
                args = [os.path.expanduser(os.path.expandvars(to_text(x))) for x in args]
        elif not shell:
            args = shlex.split(args)
            if expand_user_and_vars:
                args = [os.path.expanduser(os.path.expandvars(x)) for x in args]
        if cwd and not os.path.isdir(cwd):
            if not ignore_invalid_cwd:
                self.fail_json(msg='Provided cwd is not a valid directory: %s' % cwd)
            cwd = None
        if data is not None:
            data = to_bytes(data) if binary_data else to_bytes(data) + b'\n'
        old = os.umask(umask) if umask is not None else None
        try:
            p = subprocess.Popen(args, shell=shell, executable=executable or ('/bin/sh' if shell else None), cwd=cwd, env=env, close_fds=close_fds,
                                 stdin=subprocess.PIPE if data is not None or prompt_regex else subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, pass_fds=pass_fds or (), preexec_fn=self._restore_signal_handlers)
            if before_communicate_callback:
                before_communicate_callback(p)
            if prompt_regex:
                out, prompted = self._until_prompt(p, data, to_bytes(prompt_regex))
                err = b''
                if prompted:
                    return 257, to_native(out), 'A prompt was encountered while running a command, but no input data was specified'
                err = p.stderr.read()
                p.wait()
            else:
                out, err = p.communicate(data)
            rc = p.returncode
        except (OSError, IOError) as e:
            if not handle_exceptions:
                raise
            self.fail_json(rc=e.errno, stdout='', stderr='', msg=str(e), cmd=args)
        finally:
            if old is not None:
                os.umask(old)
        if encoding is not None:
            out, err = to_text(out, encoding), to_text(err, encoding)
        if rc and check_rc:
            self.fail_json(cmd=heuristic_log_sanitize(args if isinstance(args, str) else ' '.join(shlex.quote(x) for x in args), self.no_log_values), rc=rc,
                           stdout=to_text(out), stderr=to_text(err), msg=to_text(err).rstrip())
        return rc, out, err

    def get_buffer_size(self, fd):
        return 65536

    @staticmethod
    def get_file_attributes(path, include_version=True):
        out = {}
        program = shutil.which('lsattr')
        if program:
            try:
                line = subprocess.check_output([program, '-vd' if include_version else '-d', path], stderr=subprocess.DEVNULL).decode().split()
            except (OSError, subprocess.CalledProcessError):
                return out
            if include_version and line:
                out['version'] = line.pop(0).strip()
            if line:
                out['attr_flags'] = line[0].replace('-', '').strip()
                out['attributes'] = format_attributes(out['attr_flags'])
        return out

    def human_to_bytes(self, number, isbits=False):
        return human_to_bytes(number, isbits=isbits)

    def bytes_to_human(self, size, isbits=False, unit=None):
        return bytes_to_human(size, isbits, unit)

    def is_executable(self, path):
        return is_executable(path)

    def safe_eval(self, value, locals=None, include_exceptions=False):
        return safe_eval(value, locals, include_exceptions)

    def append_to_file(self, filename, text):
        with open(os.path.expandvars(os.path.expanduser(filename)), 'a') as f:
            f.write(text)
