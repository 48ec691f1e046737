"""Files of the controller, as plugins read them."""

import base64
import json
import os
import tempfile

from goplay_wire import ask

from ansible.errors import AnsibleFileNotFound, AnsibleParserError


def _text(path):
    return path.decode('utf-8', 'surrogateescape') if isinstance(path, bytes) else str(path)


class DataLoader:
    def __init__(self):
        self._basedir = None
        self._made = set()

    def get_basedir(self):
        return self._basedir or ask('basedir') or os.getcwd()

    def set_basedir(self, basedir):
        self._basedir = basedir

    def path_dwim(self, given):
        given = os.path.expanduser(_text(given))
        return os.path.abspath(given if os.path.isabs(given) else os.path.join(self.get_basedir(), given))

    def path_dwim_relative(self, path, dirname, source, is_role=False):
        return self.path_dwim_relative_stack([path], dirname, source, is_role)

    def path_dwim_relative_stack(self, paths, dirname, source, is_role=False):
        source = os.path.expanduser(_text(source))
        tried = [source] if os.path.isabs(source) else []
        if not tried:
            for path in paths or []:
                path = _text(path)
                if os.path.basename(path) == 'tasks':
                    tried.append(os.path.join(os.path.dirname(path), dirname, source))
                tried += [os.path.join(path, dirname, source), os.path.join(path, source)]
            tried += [os.path.join(self.get_basedir(), dirname, source), os.path.join(self.get_basedir(), source)]
        for path in tried:
            if os.path.exists(path):
                return os.path.abspath(path)
        raise AnsibleFileNotFound('Could not find or access %r\nSearched in:\n\t%s' % (source, '\n\t'.join(tried)), file_name=source, paths=tried)

    def path_exists(self, path):
        return os.path.exists(self.path_dwim(path))

    def is_file(self, path):
        path = self.path_dwim(path)
        return os.path.isfile(path) or path == os.devnull

    def is_directory(self, path):
        return os.path.isdir(self.path_dwim(path))

    def list_directory(self, path):
        return os.listdir(self.path_dwim(path))

    def is_executable(self, path):
        return os.access(self.path_dwim(path), os.X_OK)

    def find_vars_files(self, path, name, extensions=None, allow_dir=True):
        out = []
        for ext in [''] + list(extensions or ['.yml', '.yaml', '.json']):
            full = os.path.join(_text(path), _text(name) + ext)
            if os.path.isdir(full) and allow_dir and not ext:
                for base, dirs, files in os.walk(full):
                    dirs.sort()
                    out += [os.path.join(base, f) for f in sorted(files) if not f.startswith('.') and not f.endswith('~')]
            elif os.path.isfile(full):
                out.append(full)
                break
        return out

    def _get_file_contents(self, path):
        path = self.path_dwim(path)
        if not os.path.isfile(path) and not os.path.exists(path):
            raise AnsibleFileNotFound('Unable to retrieve file contents', file_name=path)
        answer = ask('read', file=path)
        return base64.b64decode(answer['data']), not answer['secret']

    def get_text_file_contents(self, path, encoding='utf-8'):
        return self._get_file_contents(path)[0].decode(encoding)

    def load(self, data, file_name='<string>', show_content=True, json_only=False):
        if isinstance(data, bytes):
            data = data.decode('utf-8', 'surrogateescape')
        if json_only:
            try:
                return json.loads(data)
            except ValueError as e:
                raise AnsibleParserError(str(e), orig_exc=e)
        return ask('yaml', text=data, file=file_name)

    def load_from_file(self, file_name, cache=True, unsafe=False, json_only=False):
        data, show = self._get_file_contents(file_name)
        return self.load(data, self.path_dwim(file_name), show, json_only)

    def get_real_file(self, file_path, decrypt=True):
        path = self.path_dwim(file_path)
        if not os.path.isfile(path):
            raise AnsibleFileNotFound(file_name=path)
        if decrypt:
            with open(path, 'rb') as f:
                vaulted = f.read(14) == b'$ANSIBLE_VAULT'
            if vaulted:
                fd, made = tempfile.mkstemp()
                with os.fdopen(fd, 'wb') as f:
                    f.write(self._get_file_contents(path)[0])
                self._made.add(made)
                return made
        return path

    def cleanup_tmp_file(self, file_path):
        if file_path in self._made:
            os.unlink(file_path)
            self._made.discard(file_path)

    def cleanup_all_tmp_files(self):
        for path in list(self._made):
            self.cleanup_tmp_file(path)
