"""The options that a plugin's documentation declares, fragments included."""

import importlib.util
import os
import sys

from goplay_wire import ask


def _cache(name, kind=None, default=None, key=None):
    key = key or name
    entry = dict(env=[{'name': 'ANSIBLE_INVENTORY_' + key.upper()}], ini=[{'section': 'inventory', 'key': key}], default=default)
    if kind:
        entry['type'] = kind
    return entry


def _switch(env, key, default, kind='bool', section='defaults'):
    return dict(type=kind, default=default, env=[{'name': env}], ini=[{'section': section, 'key': key}])


FRAGMENTS = {
    'constructed': dict(
        strict=dict(type='bool', default=False), compose=dict(type='dict', default={}), groups=dict(type='dict', default={}),
        keyed_groups=dict(type='list', elements='dict', default=[]), leading_separator=dict(type='boolean', default=True),
        use_extra_vars=_switch('ANSIBLE_INVENTORY_USE_EXTRA_VARS', 'use_extra_vars', False, section='inventory_plugins')),
    'inventory_cache': dict(
        cache=_cache('cache', 'bool', False), cache_plugin=_cache('cache_plugin', 'str', 'memory'), cache_timeout=_cache('cache_timeout', 'int', 3600),
        cache_connection=_cache('cache_connection', 'str'), cache_prefix=_cache('cache_prefix', None, 'ansible_inventory_', 'cache_plugin_prefix')),
    'default_callback': dict(
        display_skipped_hosts=_switch('ANSIBLE_DISPLAY_SKIPPED_HOSTS', 'display_skipped_hosts', True),
        display_ok_hosts=_switch('ANSIBLE_DISPLAY_OK_HOSTS', 'display_ok_hosts', True),
        display_failed_stderr=_switch('ANSIBLE_DISPLAY_FAILED_STDERR', 'display_failed_stderr', False),
        show_custom_stats=_switch('ANSIBLE_SHOW_CUSTOM_STATS', 'show_custom_stats', False),
        show_per_host_start=_switch('ANSIBLE_SHOW_PER_HOST_START', 'show_per_host_start', False),
        check_mode_markers=_switch('ANSIBLE_CHECK_MODE_MARKERS', 'check_mode_markers', False),
        show_task_path_on_failure=_switch('ANSIBLE_SHOW_TASK_PATH_ON_FAILURE', 'show_task_path_on_failure', False)),
    'result_format_callback': dict(
        result_format=_switch('ANSIBLE_CALLBACK_RESULT_FORMAT', 'callback_result_format', 'json', 'str'),
        pretty_results=dict(type='bool', default=None, env=[{'name': 'ANSIBLE_CALLBACK_FORMAT_PRETTY'}], ini=[{'section': 'defaults', 'key': 'callback_format_pretty'}])),
    'vars_plugin_staging': dict(stage=dict(type='str', default=None, choices=['all', 'inventory', 'task'])),
}


def _load(text):
    return ask('yaml', text=text, file='<documentation>') or {}


def _fragment(name):
    """The options of one fragment; a part of it is named behind a dot."""
    parts = name.split('.')
    if name.startswith(('ansible.builtin.', 'ansible.legacy.')):
        parts = parts[2:]
    if parts[0] in FRAGMENTS and len(parts) == 1:
        return {'options': FRAGMENTS[parts[0]]}
    if len(parts) < 3:
        return {}
    for root in getattr(sys.modules.get('ansible_collections'), '__path__', []):
        path = os.path.join(root, parts[0], parts[1], 'plugins', 'doc_fragments', parts[2] + '.py')
        if os.path.isfile(path):
            spec = importlib.util.spec_from_file_location('goplay_fragment_' + '_'.join(parts), path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return _load(getattr(module.ModuleDocFragment, (parts[3] if len(parts) > 3 else 'documentation').upper(), ''))
    return {}


def options(text):
    doc = _load(text)
    out = dict(doc.get('options') or {})
    names = doc.get('extends_documentation_fragment') or []
    for name in [n.strip() for n in names.split(',')] if isinstance(names, str) else names:
        for key, entry in (_fragment(name).get('options') or {}).items():
            out[key] = dict(entry, **(out.get(key) or {}))
    return out
