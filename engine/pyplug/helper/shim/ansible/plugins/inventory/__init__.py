"""What inventory plugins are built on."""

import hashlib
import json
import os
import re
import string
import time

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.group import to_safe_group_name as original_safe
from ansible.plugins import AnsiblePlugin
from ansible.template import Templar
from ansible.utils.display import Display
from ansible.utils.vars import combine_vars, load_extra_vars

display = Display()
to_safe_group_name = original_safe


def split_host_pattern(pattern):
    if isinstance(pattern, (list, tuple)):
        return [x for p in pattern for x in split_host_pattern(p)]
    return [p.strip() for p in re.split(r',' if ',' in pattern else r':(?![^\[]*\])', pattern) if p.strip()]


def detect_range(line=None):
    return '[' in line


def expand_hostname_range(line=None):
    m = re.match(r'(.*?)\[([^\[\]]*):([^\[\]]*?)(?::([^\[\]]*))?\](.*)$', line)
    if not m:
        return [line]
    head, first, last, step, tail = m.group(1), m.group(2) or '0', m.group(3), m.group(4) or '1', m.group(5)
    if not last:
        raise AnsibleError('host range must specify end value')
    out = []
    if first[0] == '0' and len(first) > 1 and len(first) != len(last):
        raise AnsibleError("host range must specify equal-length begin and end formats")
    if first in string.ascii_letters:
        letters = string.ascii_letters
        values = letters[letters.index(first):letters.index(last) + 1:int(step)]
    else:
        width = len(first) if first[0] == '0' else 0
        values = [str(n).zfill(width) for n in range(int(first), int(last) + 1, int(step))]
    for v in values:
        rest = head + v + tail
        out += expand_hostname_range(rest) if detect_range(rest) else [rest]
    return out


class _CachePlugin:
    """What inventory plugins may ask of their cache's plugin."""

    def __init__(self, options):
        self._options = options

    def get_option(self, name, hostvars=None):
        return self._options[name]


class _CacheFile(dict):
    """A plugin's cache: files of JSON where a folder is configured, else nothing lasts."""

    def __init__(self, folder, prefix, timeout):
        dict.__init__(self)
        self._folder, self._prefix, self._timeout = folder, prefix or '', timeout
        self._plugin = _CachePlugin(dict(_uri=folder, _prefix=prefix or '', _timeout=timeout))

    def _file(self, key):
        return os.path.join(self._folder, self._prefix + key) if self._folder else None

    def __getitem__(self, key):
        if not dict.__contains__(self, key):
            path = self._file(key)
            if not path or not os.path.exists(path) or self._timeout and time.time() - os.path.getmtime(path) > self._timeout:
                raise KeyError(key)
            with open(path) as f:
                dict.__setitem__(self, key, json.load(f))
        return dict.__getitem__(self, key)

    def get(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key):
        try:
            self[key]
        except KeyError:
            return False
        return True

    contains = __contains__

    def flush(self):
        for key in list(self):
            path = self._file(key)
            if path and os.path.exists(path):
                os.unlink(path)
        self.clear()

    def set_cache(self):
        if not self._folder:
            return
        os.makedirs(self._folder, exist_ok=True)
        for key in self:
            tmp = self._file(key) + '.new'
            with open(tmp, 'w') as f:
                json.dump(dict.__getitem__(self, key), f, default=str, indent=4)
            os.replace(tmp, self._file(key))

    update_cache_if_changed = set_cache


class BaseInventoryPlugin(AnsiblePlugin):
    TYPE = 'generator'
    NAME = None
    _kind = 'inventory'
    _sanitize_group_name = staticmethod(to_safe_group_name)

    def __init__(self):
        self._options, self._vars, self._cache = {}, {}, {}
        self.inventory = None
        self.display = display

    def parse(self, inventory, loader, path, cache=True):
        self.loader, self.inventory = loader, inventory
        self.templar = Templar(loader=loader)
        self._vars = load_extra_vars(loader)

    def verify_file(self, path):
        return os.path.exists(path) and os.access(path, os.R_OK)

    def _populate_host_vars(self, hosts, variables, group=None, port=None):
        for host in hosts:
            self.inventory.add_host(host, group=group, port=port)
            for k, v in variables.items():
                self.inventory.set_variable(host, k, v)

    def _read_config_data(self, path):
        try:
            config = self.loader.load_from_file(path)
        except AnsibleError as e:
            raise AnsibleParserError(str(e))
        names = [self._load_name] + list(self._redirected_names or [])
        if not config:
            raise AnsibleParserError('%s is empty' % path)
        if not isinstance(config, dict):
            raise AnsibleParserError('inventory source has invalid structure, it should be a dictionary, got: %s' % type(config))
        if config.get('plugin') not in names and config.get('plugin') != self.NAME:
            raise AnsibleParserError('Incorrect plugin name in file: %s' % config.get('plugin', 'none found'))
        self.set_options(direct=config, var_options=self._vars)
        if self.has_option('cache') and 'cache' in self._options and self.get_option('cache'):
            self._cache = self._cache_file()
        return config

    def _cache_file(self):
        folder = self.get_option('cache_connection')
        if self.get_option('cache_plugin').rsplit('.', 1)[-1] == 'memory':
            folder = None
        return _CacheFile(os.path.expanduser(folder) if folder else None, self.get_option('cache_prefix'), self.get_option('cache_timeout'))

    def _consume_options(self, data):
        for k in self._options:
            if k in data:
                self._options[k] = data.pop(k)

    def _expand_hostpattern(self, hostpattern):
        names, port = hostpattern, None
        m = re.match(r'^(.*[^:\]]|.*\]):(\d+)$', hostpattern)
        if m:
            names, port = m.group(1), int(m.group(2))
        return (expand_hostname_range(names) if detect_range(names) else [names]), port


class BaseFileInventoryPlugin(BaseInventoryPlugin):
    TYPE = 'storage'


class Cacheable:
    _cache = {}

    @property
    def cache(self):
        return self._cache

    def load_cache_plugin(self):
        self._cache = self._cache_file()

    def get_cache_key(self, path):
        def part(text):
            return hashlib.sha1(text.encode()).hexdigest()[:5]
        return 's_'.join([part(self.NAME or ''), part(path)])

    def clear_cache(self):
        self._cache.clear()

    def update_cache_if_changed(self):
        if hasattr(self._cache, 'set_cache'):
            self._cache.set_cache()

    set_cache_plugin = update_cache_if_changed


class Constructable:
    def _compose(self, template, variables, disable_lookups=True):
        self.templar.available_variables = combine_vars(variables, self._vars) if self._extra_vars() else variables
        return self.templar.template('{{%s}}' % template)

    def _extra_vars(self):
        try:
            return self.get_option('use_extra_vars')
        except KeyError:
            return False

    def _set_composite_vars(self, compose, variables, host, strict=False):
        for name in compose or {}:
            try:
                value = self._compose(compose[name], variables)
            except Exception as e:
                if strict:
                    raise AnsibleError('Could not set %s for host %s: %s' % (name, host, e))
                continue
            self.inventory.set_variable(host, name, value)

    def _fetched(self, variables, host, fetch):
        if not fetch:
            return variables
        known = self.inventory.get_host(host)
        return combine_vars(variables, known.get_vars()) if known else variables

    def _add_host_to_composed_groups(self, groups, variables, host, strict=False, fetch_hostvars=True):
        if not groups or not isinstance(groups, dict):
            return
        variables = self._fetched(variables, host, fetch_hostvars)
        self.templar.available_variables = variables
        for name in groups:
            safe = self._sanitize_group_name(name)
            try:
                holds = self.templar.evaluate(groups[name])
            except Exception as e:
                if strict:
                    raise AnsibleParserError('Could not add host %s to group %s: %s' % (host, safe, e))
                continue
            if holds:
                self.inventory.add_child(self.inventory.add_group(safe), host)

    def _add_host_to_keyed_groups(self, keys, variables, host, strict=False, fetch_hostvars=True):
        if not keys or not isinstance(keys, list):
            return
        for keyed in keys:
            if not keyed or not isinstance(keyed, dict):
                raise AnsibleParserError('Invalid keyed group entry, it must be a dictionary: %s ' % keyed)
            variables = self._fetched(variables, host, fetch_hostvars)
            try:
                key = self._compose(keyed.get('key'), variables)
            except Exception as e:
                if strict:
                    raise AnsibleParserError('Could not generate group for host %s from %s entry: %s' % (host, keyed.get('key'), e))
                continue
            default, trailing = keyed.get('default_value'), keyed.get('trailing_separator')
            if trailing is not None and default is not None:
                raise AnsibleParserError('parameters are mutually exclusive for keyed groups: default_value|trailing_separator')
            if not key and not (default is not None and (key == '' or isinstance(key, dict))):
                if strict:
                    raise AnsibleParserError("No key or key resulted empty for %s in host %s, invalid entry" % (keyed.get('key'), host))
                continue
            prefix, sep = keyed.get('prefix', ''), keyed.get('separator', '_')
            parent = keyed.get('parent_group')
            if parent:
                parent = self.templar.template(parent)
            names = []
            if isinstance(key, str):
                names.append(default if key == '' else key)
            elif isinstance(key, list):
                names += [default if n == '' and default is not None else n for n in key]
            elif isinstance(key, dict):
                for k, v in key.items():
                    if default is not None and v in ('', None):
                        names.append('%s%s%s' % (k, sep, default))
                    else:
                        names.append(k if trailing is False and v in ('', None) else '%s%s%s' % (k, sep, '' if v is None else v))
            else:
                raise AnsibleParserError('Invalid group name format, expected a string or a list of them or dictionary, got: %s' % type(key))
            for name in names:
                if not prefix and not self._leading():
                    sep_here = ''
                else:
                    sep_here = sep
                if name == '' or name is None:
                    continue
                made = self.inventory.add_group(self._sanitize_group_name('%s%s%s' % (prefix, sep_here, name)))
                self.inventory.add_host(host, group=made)
                if parent:
                    safe = self._sanitize_group_name(parent)
                    self.inventory.add_group(safe)
                    self.inventory.add_child(safe, made)

    def _leading(self):
        try:
            return self.get_option('leading_separator')
        except KeyError:
            return True


__all__ = ['BaseInventoryPlugin', 'BaseFileInventoryPlugin', 'Cacheable', 'Constructable', 'detect_range', 'expand_hostname_range', 'to_safe_group_name']
