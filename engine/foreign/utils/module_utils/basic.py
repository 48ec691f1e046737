# goplay's own AnsibleModule, for controllers on which no ansible-core is
# installed. It takes the arguments, checks them and writes the result as
# modules expect; what is rare is missing and says so by AttributeError.
import errno  # noqa: F401
import grp
import hashlib
import json
import locale  # noqa: F401
import os
import platform  # noqa: F401
import pwd
import re  # noqa: F401
import shlex
import shutil
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

from ansible.module_utils.common.text.converters import jsonify, to_bytes, to_native, to_text
from ansible.module_utils.parsing.convert_bool import BOOLEANS, BOOLEANS_FALSE, BOOLEANS_TRUE, boolean  # noqa: F401

_ANSIBLE_ARGS = None
_ANSIBLE_PROFILE = None

FILE_COMMON_ARGUMENTS = dict(
    mode=dict(type='raw'), owner=dict(type='str'), group=dict(type='str'), seuser=dict(type='str'), serole=dict(type='str'),
    selevel=dict(type='str'), setype=dict(type='str'), attributes=dict(type='str', aliases=['attr']),
    unsafe_writes=dict(type='bool', default=False))

SEQUENCETYPE = (list, tuple)
HIDDEN = 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER'


class AnsibleFallbackNotFound(Exception):
    pass


def env_fallback(*args, **kwargs):
    for a in args:
        if a in os.environ:
            return os.environ[a]
    raise AnsibleFallbackNotFound


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


def get_all_subclasses(cls):
    out = set(cls.__subclasses__())
    for c in list(out):
        out |= get_all_subclasses(c)
    return out


def heuristic_log_sanitize(data, no_log_values=None):
    return _censor(data, no_log_values or set())


def remove_values(value, no_log_strings):
    return _censor(value, no_log_strings)


def _censor(v, secrets):
    if isinstance(v, dict):
        return dict((k, _censor(x, secrets)) for k, x in v.items())
    if isinstance(v, (list, tuple)):
        return [_censor(x, secrets) for x in v]
    if isinstance(v, bool) or v is None:
        return v
    text = to_text(v) if isinstance(v, (str, bytes)) else str(v)
    if text in secrets:
        return HIDDEN
    if isinstance(v, (str, bytes)):
        for s in secrets:
            text = text.replace(s, '*' * 8)
        return text
    return v


class _Invalid(Exception):
    pass


def _class(v):
    return "<class '%s'>" % type(v).__name__


def _convert(kind, v, m=None):
    if callable(kind):
        return kind(v)
    if kind == 'str':
        return v if isinstance(v, str) else to_native(v)
    if kind == 'bool':
        return boolean(v)
    if kind == 'int':
        if isinstance(v, bool) or not isinstance(v, (int, str, float)) or isinstance(v, float) and v != int(v):
            raise TypeError('%s cannot be converted to an int' % _class(v))
        try:
            return int(v)
        except ValueError:
            raise TypeError('%s cannot be converted to an int' % _class(v))
    if kind == 'float':
        try:
            return float(v)
        except (ValueError, TypeError):
            raise TypeError('%s cannot be converted to a float' % _class(v))
    if kind == 'list':
        if isinstance(v, list):
            return v
        if isinstance(v, str):
            return [x.strip() for x in v.split(',')]
        if isinstance(v, (int, float)):
            return [str(v)]
        raise TypeError('%s cannot be converted to a list' % _class(v))
    if kind == 'dict':
        if isinstance(v, dict):
            return v
        if isinstance(v, str):
            if v.startswith('{'):
                try:
                    return json.loads(v)
                except ValueError:
                    import ast
                    try:
                        return ast.literal_eval(v)
                    except (ValueError, SyntaxError):
                        raise TypeError('unable to evaluate string as dictionary')
            if '=' in v:
                return dict(x.split('=', 1) for x in shlex.split(v.replace(',', ' ')))
            raise TypeError('dictionary requested, could not parse JSON or key=value')
        raise TypeError('%s cannot be converted to a dict' % _class(v))
    if kind == 'path':
        return os.path.expandvars(os.path.expanduser(_convert('str', v)))
    if kind in ('json', 'jsonarg'):
        if isinstance(v, (str, bytes)):
            return v.strip()
        if isinstance(v, (list, tuple, dict)):
            return json.dumps(v)
        raise TypeError('%s cannot be converted to a json string' % _class(v))
    if kind in ('bytes', 'bits'):
        mul = dict(b=1, k=1 << 10, m=1 << 20, g=1 << 30, t=1 << 40)
        g = re.match(r'\s*([\d.]+)\s*([bkmgt]?)', str(v).lower())
        if not g:
            raise TypeError('%s cannot be converted to a Byte value' % _class(v))
        return int(float(g.group(1)) * mul[g.group(2) or 'b'])
    return v


class AnsibleModule(object):
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
        params = json.loads(to_text(_ANSIBLE_ARGS))['ANSIBLE_MODULE_ARGS']
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

    @property
    def tmpdir(self):
        if self._tmpdir is None:
            self._tmpdir = tempfile.mkdtemp(prefix='ansible-moduletmp-')
            self.cleanup_files.append(self._tmpdir)
        return self._tmpdir

    def _check(self, spec, params, path, mutually_exclusive=None, required_together=None, required_one_of=None, required_if=None, required_by=None, at=''):
        where = (' found in %s' % ' -> '.join(path)) if path else ''
        known = set()
        for name, s in spec.items():
            known.add(name)
            for a in s.get('aliases') or ():
                known.add(a)
                self.aliases[a] = name
                if a in params:
                    if name in params:
                        self.warn('Both option %s%s and its alias %s%s are set.' % (at, name, at, a))
                    params[name] = params[a]
        self._deprecated(spec, params, path, at)
        if not path:
            self._secrets(spec, params)
            self._warn_open_passwords(spec, params)
        unknown = sorted(k for k in params if k not in known)
        if unknown:
            def shown(n):
                al = spec[n].get('aliases')
                return '%s (%s)' % (n, ', '.join(sorted(al))) if al else n
            label = '.'.join(path + [unknown[0]]) if path else ', '.join(unknown)
            raise _Invalid('Unsupported parameters for (%s) module: %s. Supported parameters include: %s.' % (
                self._name, label, ', '.join(shown(n) for n in sorted(spec))))
        for name, s in spec.items():
            if name not in params and s.get('fallback', (None,))[0] is not None:
                f, fargs, fkw = s['fallback'][0], [], {}
                for x in s['fallback'][1:]:
                    if isinstance(x, dict):
                        fkw = x
                    else:
                        fargs = x
                try:
                    params[name] = f(*fargs, **fkw)
                except AnsibleFallbackNotFound:
                    pass

        def given(k):
            return params.get(k) is not None
        for group in self._groups(mutually_exclusive):
            if sum(1 for k in group if given(k)) > 1:
                raise _Invalid('parameters are mutually exclusive: %s%s' % ('|'.join(group), where))
        missing = sorted(n for n, s in spec.items() if s.get('required') and n not in params)
        if missing:
            raise _Invalid('missing required arguments: %s%s' % (', '.join(missing), where))
        for name, s in spec.items():
            if params.get(name) is not None:
                params[name] = self._value(name, s, params[name], path)
        for group in required_together or ():
            n = sum(1 for k in group if given(k))
            if n and n != len(group):
                raise _Invalid('parameters are required together: %s%s' % (', '.join(group), where))
        for group in required_one_of or ():
            if not any(given(k) for k in group):
                raise _Invalid('one of the following is required: %s%s' % (', '.join(group), where))
        for name, s in spec.items():
            if params.get(name) is None:
                d = s.get('default')
                if d is None and s.get('apply_defaults') and s.get('options') is not None:
                    d = {}
                params[name] = self._value(name, s, d, path) if d is not None else None
        for rule in required_if or ():
            key, val, needs = rule[0], rule[1], rule[2]
            if params.get(key) != val:
                continue
            lack = [k for k in needs if not given(k)]
            if len(rule) > 3 and rule[3]:
                if len(lack) == len(needs):
                    raise _Invalid('%s is %s but any of the following are missing: %s%s' % (key, val, ', '.join(lack), where))
            elif lack:
                raise _Invalid('%s is %s but all of the following are missing: %s%s' % (key, val, ', '.join(lack), where))
        for key, needs in (required_by or {}).items():
            needs = [needs] if isinstance(needs, str) else needs
            lack = [k for k in needs if not given(k)]
            if given(key) and lack:
                raise _Invalid("missing parameter(s) required by '%s': %s%s" % (key, ', '.join(lack), where))

    @staticmethod
    def _groups(g):
        if not g:
            return []
        return [g] if isinstance(g[0], str) else g

    def _deprecated(self, spec, params, path, at):
        for name, s in spec.items():
            for a in s.get('deprecated_aliases') or ():
                if a['name'] in params:
                    self.deprecate("Alias '%s%s' is deprecated. See the module docs for more information" % (at, a['name']),
                                   version=a.get('version'), date=a.get('date'), collection_name=a.get('collection_name'))
            if params.get(name) is not None and ('removed_in_version' in s or 'removed_at_date' in s):
                shown = '%s["%s"]' % ('.'.join(path), name) if path else name
                self.deprecate("Param '%s' is deprecated. See the module docs for more information" % shown,
                               version=s.get('removed_in_version'), date=s.get('removed_at_date'), collection_name=s.get('removed_from_collection'))

    def _secrets(self, spec, params):
        for name, s in spec.items():
            v = params.get(name)
            if v is None:
                continue
            if s.get('no_log'):
                self._secret(v)
            for sub in (v if isinstance(v, list) else [v]):
                if s.get('options') and isinstance(sub, str):
                    try:
                        sub = _convert('dict', sub)
                    except (TypeError, ValueError):
                        continue
                if isinstance(sub, dict) and s.get('options'):
                    self._secrets(s['options'], sub)

    def _warn_open_passwords(self, spec, params):
        for k in list(params) + [n for n in spec if n not in params]:
            s = spec.get(self.aliases.get(k, k)) or {}
            if s.get('no_log') is None and re.search('(^|_)(pass|passwd|passphrase|password)(_|$)', k, re.I):
                self.warn('Module did not set no_log for %s' % k)

    def _secret(self, v):
        if isinstance(v, dict):
            for x in v.values():
                self._secret(x)
        elif isinstance(v, (list, tuple)):
            for x in v:
                self._secret(x)
        elif v is not None and not isinstance(v, bool) and str(v) != '':
            self.no_log_values.add(str(v))

    def _value(self, name, s, v, path):
        where = (' found in %s' % ' -> '.join(path)) if path else ''
        kind = s.get('type') or 'str'
        try:
            v = _convert(kind, v, self)
        except (TypeError, ValueError) as e:
            raise _Invalid("argument '%s' is of type %s%s and we were unable to convert to %s: %s" % (
                name, _class(v), where, getattr(kind, '__name__', kind), e))
        if kind == 'list' and s.get('elements') and s['elements'] != 'dict':
            out = []
            for x in v:
                try:
                    out.append(_convert(s['elements'], x, self))
                except (TypeError, ValueError) as e:
                    raise _Invalid("Elements value for option '%s' is of type %s%s and we were unable to convert to %s: %s" % (
                        name, _class(x), where, s['elements'], e))
            v = out
        choices = s.get('choices')
        if choices:
            if isinstance(v, list):
                bad = [x for x in v if x not in choices]
                if bad:
                    raise _Invalid('value of %s must be one or more of: %s. Got no match for: %s%s' % (
                        name, ', '.join(str(c) for c in choices), ', '.join(str(x) for x in bad), where))
            elif v not in choices:
                if v in ('True', 'False'):  # YAML has read on, yes ... as a boolean
                    words = [c for c in choices if c in (BOOLEANS_TRUE if v == 'True' else BOOLEANS_FALSE)]
                    if len(words) == 1:
                        return words[0]
                raise _Invalid('value of %s must be one of: %s, got: %s%s' % (name, ', '.join(str(c) for c in choices), v, where))
        if s.get('options') and s.get('apply_defaults') and v is None:
            v = {}
        if s.get('options') is not None:
            at = '.'.join(path + [name])
            for i, sub in enumerate(v if kind == 'list' else [v]):
                if not isinstance(sub, dict):
                    raise _Invalid("value of '%s' must be of type dict or list of dicts%s" % (name, where))
                self._check(s['options'], sub, path + [name], s.get('mutually_exclusive'), s.get('required_together'),
                            s.get('required_one_of'), s.get('required_if'), s.get('required_by'),
                            at + ('[%d].' % i if kind == 'list' else '.'))
        return v

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
        if 'invocation' not in kwargs:
            kwargs['invocation'] = {'module_args': self.params}
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
        path = os.pathsep.join([d for d in opt_dirs or () if d] + [os.environ.get('PATH', ''), '/sbin', '/usr/sbin', '/usr/local/sbin'])
        found = shutil.which(arg, path=path)
        if found is None and required:
            self.fail_json(msg='Failed to find required executable "%s" in paths: %s' % (arg, path))
        return found

    def run_command(self, args, check_rc=False, close_fds=True, executable=None, data=None, binary_data=False, path_prefix=None, cwd=None,
                    use_unsafe_shell=False, prompt_regex=None, environ_update=None, umask=None, encoding='utf-8',
                    errors='surrogate_or_strict', expand_user_and_vars=True, pass_fds=None, before_communicate_callback=None,
                    ignore_invalid_cwd=True, handle_exceptions=True):
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
                                 stdin=subprocess.PIPE if data is not None else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 pass_fds=pass_fds or ())
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
            self.fail_json(cmd=args, rc=rc, stdout=to_text(out), stderr=to_text(err), msg=to_text(err).rstrip())
        return rc, out, err

    def digest_from_file(self, filename, algorithm):
        if not os.path.exists(filename):
            return None
        h = hashlib.new(algorithm)
        with open(filename, 'rb') as f:
            for block in iter(lambda: f.read(65536), b''):
                h.update(block)
        return h.hexdigest()

    def sha1(self, filename):
        return self.digest_from_file(filename, 'sha1')

    def sha256(self, filename):
        return self.digest_from_file(filename, 'sha256')

    def md5(self, filename):
        return self.digest_from_file(filename, 'md5')

    def backup_local(self, fn):
        if not os.path.exists(fn):
            return ''
        dest = '%s.%s.%s' % (fn, os.getpid(), time.strftime('%Y-%m-%d@%H:%M:%S~', time.localtime()))
        shutil.copy2(fn, dest)
        return dest

    def atomic_move(self, src, dest, unsafe_writes=False, keep_dest_attrs=True):
        if keep_dest_attrs and os.path.exists(dest):
            st = os.stat(dest)
            os.chmod(src, st.st_mode & 0o7777)
            try:
                os.chown(src, st.st_uid, st.st_gid)
            except OSError:
                pass
        tmp = tempfile.NamedTemporaryFile(dir=os.path.dirname(os.path.abspath(dest)), prefix='.ansible_tmp', delete=False)
        tmp.close()
        shutil.copy2(src, tmp.name)
        os.rename(tmp.name, dest)
        self.cleanup(src)

    def load_file_common_arguments(self, params, path=None):
        path = path or params.get('path') or params.get('dest')
        return dict(path=path, mode=params.get('mode'), owner=params.get('owner'), group=params.get('group'), attributes=params.get('attributes'),
                    seuser=params.get('seuser'), serole=params.get('serole'), setype=params.get('setype'), selevel=params.get('selevel'))

    def set_mode_if_different(self, path, mode, changed, diff=None, expand=True):
        if mode is None:
            return changed
        want = int(mode, 8) if isinstance(mode, str) and re.match(r'0?[0-7]+$', mode) else mode
        if not isinstance(want, int):
            self.fail_json(path=path, msg='mode must be in octal here: %s' % mode)
        have = os.lstat(path).st_mode & 0o7777
        if have == want:
            return changed
        if not self.check_mode:
            os.chmod(path, want)
        return True

    def set_owner_if_different(self, path, owner, changed, diff=None, expand=True):
        if owner is None:
            return changed
        uid = int(owner) if str(owner).isdigit() else pwd.getpwnam(owner).pw_uid
        if os.lstat(path).st_uid == uid:
            return changed
        if not self.check_mode:
            os.lchown(path, uid, -1)
        return True

    def set_group_if_different(self, path, group, changed, diff=None, expand=True):
        if group is None:
            return changed
        gid = int(group) if str(group).isdigit() else grp.getgrnam(group).gr_gid
        if os.lstat(path).st_gid == gid:
            return changed
        if not self.check_mode:
            os.lchown(path, -1, gid)
        return True

    def set_fs_attributes_if_different(self, file_args, changed, diff=None, expand=True):
        changed = self.set_owner_if_different(file_args['path'], file_args['owner'], changed)
        changed = self.set_group_if_different(file_args['path'], file_args['group'], changed)
        return self.set_mode_if_different(file_args['path'], file_args['mode'], changed)

    set_file_attributes_if_different = set_fs_attributes_if_different

    def add_path_info(self, kwargs):
        path = kwargs.get('path', kwargs.get('dest'))
        if path and os.path.lexists(path):
            st = os.lstat(path)
            kwargs.update(uid=st.st_uid, gid=st.st_gid, mode='%04o' % (st.st_mode & 0o7777), size=st.st_size)
        return kwargs
