from goplay_wire import ask

from ansible import _extend
from ansible.errors import AnsibleLookupError
from ansible.plugins import AnsiblePlugin
from ansible.utils.display import Display

_extend(__path__, __name__)
display = Display()


class LookupBase(AnsiblePlugin):
    _display = display
    _kind = 'lookup'

    def __init__(self, loader=None, templar=None, **kwargs):
        self._loader = loader
        self._templar = templar
        self._options = {}

    def get_basedir(self, variables):
        return ask('basedir')

    def find_file_in_search_path(self, myvars, subdir, needle, ignore_missing=False):
        path = ask('find', kind=subdir, name=needle)
        if path is None and not ignore_missing:
            self._display.warning("Unable to find '%s' in expected paths (use -vvvvv to see paths)" % needle)
        return path

    @staticmethod
    def _flatten(terms):
        out = []
        for term in terms:
            out.extend(term if isinstance(term, (list, tuple)) else [term])
        return out

    @staticmethod
    def _combine(a, b):
        return [LookupBase._flatten([x, y]) for x in a for y in b]

    @staticmethod
    def _flatten_hash_to_list(terms):
        return [{'key': k, 'value': terms[k]} for k in terms]

    def run(self, terms, variables=None, **kwargs):
        raise AnsibleLookupError('the lookup plugin %s has no run()' % self._load_name)
