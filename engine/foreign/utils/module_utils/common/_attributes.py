# goplay's own helpers for modules: owner, mode, attributes and SELinux context of files.
import errno
import grp
import hashlib
import os
import pwd
import re
import shutil
import stat
import tempfile
import time

try:
    import selinux
    HAVE_SELINUX = True
except ImportError:
    HAVE_SELINUX = False

PERM_BITS = dict(r=4, w=2, x=1)


def octal(mode):
    return '0%03o' % stat.S_IMODE(mode)


class FileAttributes(object):
    """What modules do with files; part of AnsibleModule."""

    def digest_from_file(self, filename, algorithm):
        if not os.path.exists(filename):
            return None
        if os.path.isdir(filename):
            self.fail_json(msg='attempted to take checksum of directory: %s' % filename)
        h = algorithm if hasattr(algorithm, 'update') else hashlib.new(algorithm)
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
        try:
            self.preserved_copy(fn, dest)
        except (shutil.Error, IOError) as e:
            self.fail_json(msg='Could not make backup of %s to %s: %s' % (fn, dest, e))
        return dest

    def preserved_copy(self, src, dest):
        shutil.copy2(src, dest)
        if self.selinux_enabled():
            self.set_context_if_different(dest, self.selinux_context(src), False)
        st = os.stat(src)
        try:
            os.chown(dest, st.st_uid, st.st_gid)
        except OSError as e:
            if e.errno != errno.EPERM:
                raise

    def atomic_move(self, src, dest, unsafe_writes=False, keep_dest_attrs=True):
        context = None
        if os.path.exists(dest):
            if keep_dest_attrs:
                st = os.stat(dest)
                try:
                    os.chmod(src, st.st_mode & 0o7777)
                    os.chown(src, st.st_uid, st.st_gid)
                except OSError as e:
                    if e.errno != errno.EPERM:
                        raise
            context = self.selinux_context(dest) if self.selinux_enabled() else None
            creating = False
        else:
            context = self.selinux_default_context(dest) if self.selinux_enabled() else None
            creating = True
        real = os.path.realpath(dest) if os.path.islink(dest) and os.path.exists(dest) else dest
        folder = os.path.dirname(os.path.abspath(real))
        try:
            fd, tmp = tempfile.mkstemp(prefix='.ansible_tmp', suffix=os.path.basename(real), dir=folder)
        except (OSError, IOError) as e:
            if unsafe_writes:
                return self._write_over(src, real)
            self.fail_json(msg='The destination directory (%s) is not writable by the current user. Error was: %s' % (folder, e))
        try:
            os.close(fd)
            shutil.copy2(src, tmp)
            if creating:
                umask = os.umask(0)
                os.umask(umask)
                os.chmod(tmp, 0o0666 & ~umask)
                try:
                    os.chown(tmp, os.geteuid(), os.getegid())
                except OSError:
                    pass
            else:
                st = os.stat(src)
                os.chmod(tmp, st.st_mode & 0o7777)
                try:
                    os.chown(tmp, st.st_uid, st.st_gid)
                except OSError:
                    pass
            if context:
                self.set_context_if_different(tmp, context, False)
            try:
                os.rename(tmp, real)
            except (OSError, IOError) as e:
                if unsafe_writes and e.errno == errno.EBUSY:
                    self._write_over(tmp, real)
                else:
                    self.fail_json(msg='Unable to make %s into to %s, failed final rename from %s: %s' % (src, dest, tmp, e))
            self.cleanup(src)
        finally:
            if os.path.exists(tmp):
                os.unlink(tmp)

    def _write_over(self, src, dest):
        with open(src, 'rb') as f, open(dest, 'wb') as t:
            shutil.copyfileobj(f, t)

    def load_file_common_arguments(self, params, path=None):
        path = path or params.get('path') or params.get('dest')
        if path is None:
            return {}
        path = os.path.expanduser(os.path.expandvars(path))
        if params.get('follow', False) and os.path.islink(path):
            path = os.path.realpath(path)
        context = [params.get(k) for k in ('seuser', 'serole', 'setype')]
        if self.selinux_mls_enabled():
            context.append(params.get('selevel'))
        default = self.selinux_default_context(path) if '_default' in context else []
        for i, v in enumerate(context):
            if v == '_default':
                context[i] = default[i] if i < len(default) else None
        return dict(path=path, mode=params.get('mode'), owner=params.get('owner'), group=params.get('group'), attributes=params.get('attributes'),
                    seuser=params.get('seuser'), serole=params.get('serole'), setype=params.get('setype'), selevel=params.get('selevel'), secontext=context)

    def user_and_group(self, path, expand=True):
        st = os.lstat(os.path.expanduser(os.path.expandvars(path)) if expand else path)
        return st.st_uid, st.st_gid

    def find_mount_point(self, path):
        path = os.path.abspath(os.path.realpath(os.path.expanduser(os.path.expandvars(path))))
        while not os.path.ismount(path):
            path = os.path.dirname(path)
        return path

    def is_special_selinux_path(self, path):
        mount = self.find_mount_point(path)
        try:
            with open('/proc/mounts') as f:
                for line in f:
                    fields = line.split(' ')
                    if fields[1] == mount and any(fs in fields[2] for fs in self._selinux_special_fs):
                        return True, self.selinux_context(mount)
        except (OSError, IOError):
            pass
        return False, None

    def selinux_enabled(self):
        return HAVE_SELINUX and selinux.is_selinux_enabled() == 1

    def selinux_mls_enabled(self):
        return HAVE_SELINUX and selinux.is_selinux_mls_enabled() == 1

    def selinux_initial_context(self):
        return [None] * (4 if self.selinux_mls_enabled() else 3)

    def selinux_default_context(self, path, mode=0):
        context = self.selinux_initial_context()
        if not self.selinux_enabled():
            return context
        try:
            rc, text = selinux.matchpathcon(path, mode)
        except OSError:
            return context
        return text.split(':', 3) if rc != -1 else context

    def selinux_context(self, path):
        context = self.selinux_initial_context()
        if not self.selinux_enabled():
            return context
        try:
            rc, text = selinux.lgetfilecon_raw(path)
        except OSError as e:
            if e.errno == errno.ENOENT:
                self.fail_json(path=path, msg='path %s does not exist' % path)
            self.fail_json(path=path, msg='failed to retrieve selinux context')
        return text.split(':', 3) if rc != -1 else context

    def set_default_selinux_context(self, path, changed):
        return self.set_context_if_different(path, self.selinux_default_context(path), changed) if self.selinux_enabled() else changed

    def set_context_if_different(self, path, context, changed, diff=None):
        if not self.selinux_enabled() or self.check_file_absent_if_check_mode(path):
            return changed
        have = self.selinux_context(path)
        special, other = self.is_special_selinux_path(path)
        want = other if special else [w if w is not None else h for w, h in zip(list(context) + [None] * len(have), have)]
        if want == have:
            return changed
        if diff is not None:
            diff.setdefault('before', {})['secontext'] = have
            diff.setdefault('after', {})['secontext'] = want
        if not self.check_mode:
            try:
                rc = selinux.lsetfilecon(path, ':'.join(want))
            except OSError as e:
                self.fail_json(path=path, msg='invalid selinux context: %s' % e, new_context=want, cur_context=have, input_was=context)
            if rc != 0:
                self.fail_json(path=path, msg='set selinux context failed')
        return True

    def check_file_absent_if_check_mode(self, file_path):
        return self.check_mode and not os.path.exists(file_path)

    def _owner(self, path, want, which, changed, diff):
        if want is None or self.check_file_absent_if_check_mode(path):
            return changed
        path = os.path.expanduser(os.path.expandvars(path))
        have = getattr(os.lstat(path), 'st_uid' if which == 'owner' else 'st_gid')
        try:
            number = int(want)
        except ValueError:
            try:
                number = pwd.getpwnam(want).pw_uid if which == 'owner' else grp.getgrnam(want).gr_gid
            except KeyError:
                if which == 'owner':
                    self.fail_json(path=path, msg='chown failed: failed to look up user %s' % want)
                self.fail_json(path=path, msg='chgrp failed: failed to look up group %s' % want)
        if have == number:
            return changed
        if diff is not None:
            diff.setdefault('before', {})[which] = have
            diff.setdefault('after', {})[which] = number
        if not self.check_mode:
            try:
                os.lchown(path, *((number, -1) if which == 'owner' else (-1, number)))
            except (IOError, OSError) as e:
                self.fail_json(path=path, msg='%s failed' % ('chown' if which == 'owner' else 'chgrp'), details=str(e))
        return True

    def set_owner_if_different(self, path, owner, changed, diff=None, expand=True):
        return self._owner(path, owner, 'owner', changed, diff)

    def set_group_if_different(self, path, group, changed, diff=None, expand=True):
        return self._owner(path, group, 'group', changed, diff)

    def set_mode_if_different(self, path, mode, changed, diff=None, expand=True):
        if mode is None or self.check_file_absent_if_check_mode(path):
            return changed
        path = os.path.expanduser(os.path.expandvars(path))
        st = os.lstat(path)
        if not isinstance(mode, int):
            try:
                mode = int(mode, 8)
            except Exception:
                try:
                    mode = self._symbolic_mode_to_octal(st, mode)
                except Exception as e:
                    self.fail_json(path=path, msg='mode must be in octal or symbolic form', details=str(e))
                if mode != stat.S_IMODE(mode):
                    self.fail_json(path=path, msg='Invalid mode supplied, only permission info is allowed', details=mode)
        have = stat.S_IMODE(st.st_mode)
        if have == mode:
            return changed
        if diff is not None:
            diff.setdefault('before', {})['mode'] = octal(have)
            diff.setdefault('after', {})['mode'] = octal(mode)
        if self.check_mode:
            return True
        try:
            if not stat.S_ISLNK(st.st_mode):
                os.chmod(path, mode)
            elif os.path.exists(path):
                umask = os.umask(0)
                os.umask(umask)
                os.chmod(path, mode)
        except OSError as e:
            if not (stat.S_ISLNK(st.st_mode) and e.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ELOOP)):
                self.fail_json(path=path, msg='chmod failed', details=str(e))
        return stat.S_IMODE(os.lstat(path).st_mode) != have or changed

    @classmethod
    def _symbolic_mode_to_octal(cls, path_stat, symbolic_mode):
        mode = stat.S_IMODE(path_stat.st_mode)
        is_dir = stat.S_ISDIR(path_stat.st_mode)
        for clause in symbolic_mode.split(','):
            m = re.match(r'([ugoa]*)((?:[-+=][rwxXstugo]*)+)$', clause)
            if not m:
                raise ValueError('bad symbolic permission for mode: %s' % clause)
            who = m.group(1) or 'a'
            umask = 0
            if not m.group(1):
                umask = os.umask(0)
                os.umask(umask)
            users = 'ugo' if 'a' in who else who
            for op, perms in re.findall(r'([-+=])([rwxXstugo]*)', m.group(2)):
                for user in users:
                    shift = {'u': 6, 'g': 3, 'o': 0}[user]
                    bits, special = 0, 0
                    for p in perms:
                        if p in PERM_BITS:
                            bits |= PERM_BITS[p]
                        elif p == 'X' and (is_dir or mode & 0o111):
                            bits |= 1
                        elif p in 'ugo':
                            bits |= mode >> {'u': 6, 'g': 3, 'o': 0}[p] & 7
                        elif p == 's' and user in 'ug':
                            special |= 0o4000 if user == 'u' else 0o2000
                        elif p == 't' and (user == 'o' or who == 'u'):
                            special |= 0o1000
                    apply = (bits << shift) & ~umask | special
                    if op == '+':
                        mode |= apply
                    elif op == '-':
                        mode &= ~apply
                    else:
                        clear = 7 << shift | {'u': 0o4000, 'g': 0o2000, 'o': 0o1000}[user]
                        mode = mode & ~clear | apply
        return mode

    def set_attributes_if_different(self, path, attributes, changed, diff=None, expand=True):
        if attributes is None or self.check_file_absent_if_check_mode(path):
            return changed
        path = os.path.expanduser(os.path.expandvars(path))
        have = self.get_file_attributes(path, include_version=False).get('attr_flags', '')
        op, flags = '=', attributes
        if attributes[:1] in '+-=':
            op, flags = attributes[0], attributes[1:]
        if not (have != flags if op == '=' else set(flags) - set(have) if op == '+' else set(flags) & set(have)):
            return changed
        program = self.get_bin_path('chattr')
        if program is None:
            return changed
        if diff is not None:
            diff.setdefault('before', {})['attributes'] = have
            diff.setdefault('after', {})['attributes'] = '%s%s' % (op, flags)
        if not self.check_mode:
            rc, out, err = self.run_command([program, '%s%s' % (op, flags), path])
            if rc or err:
                self.fail_json(path=path, msg='chattr failed', details='Error while setting attributes: %s' % (out + err))
        return True

    def set_fs_attributes_if_different(self, file_args, changed, diff=None, expand=True):
        path = file_args['path']
        changed = self.set_context_if_different(path, file_args.get('secontext') or [], changed, diff)
        changed = self.set_owner_if_different(path, file_args.get('owner'), changed, diff)
        changed = self.set_group_if_different(path, file_args.get('group'), changed, diff)
        changed = self.set_mode_if_different(path, file_args.get('mode'), changed, diff)
        return self.set_attributes_if_different(path, file_args.get('attributes'), changed, diff)

    set_file_attributes_if_different = set_directory_attributes_if_different = set_fs_attributes_if_different

    def add_atomic_move_warnings(self):
        pass

    def add_path_info(self, kwargs):
        path = kwargs.get('path', kwargs.get('dest'))
        if not path:
            return kwargs
        if not os.path.lexists(path):
            kwargs['state'] = 'absent'
            return kwargs
        st = os.lstat(path)
        kwargs['uid'], kwargs['gid'] = st.st_uid, st.st_gid
        try:
            kwargs['owner'] = pwd.getpwuid(st.st_uid)[0]
        except KeyError:
            kwargs['owner'] = str(st.st_uid)
        try:
            kwargs['group'] = grp.getgrgid(st.st_gid)[0]
        except KeyError:
            kwargs['group'] = str(st.st_gid)
        kwargs['mode'] = octal(st.st_mode)
        if 'state' not in kwargs or kwargs['state'] not in ('link', 'directory', 'file', 'hard'):
            if stat.S_ISLNK(st.st_mode):
                kwargs['state'] = 'link'
            elif stat.S_ISDIR(st.st_mode):
                kwargs['state'] = 'directory'
            else:
                kwargs['state'] = 'hard' if st.st_nlink > 1 else 'file'
        if self.selinux_enabled():
            kwargs['secontext'] = ':'.join(c or '' for c in self.selinux_context(path))
        kwargs['size'] = st.st_size
        return kwargs
