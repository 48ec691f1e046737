# goplay's own helpers for modules: the same module again, in another Python.
import os
import subprocess
import sys

_SCRIPT = r'''
import runpy, sys
sys.path.insert(0, {path!r})
from ansible.module_utils import basic
basic._ANSIBLE_ARGS = {args!r}
basic._ANSIBLE_PROFILE = 'legacy'
runpy.run_module({name!r}, init_globals=dict(_respawned=True, _module_fqn={name!r}, _modlib_path={path!r}), run_name='__main__', alter_sys=True)
'''


def has_respawned():
    return hasattr(sys.modules['__main__'], '_respawned')


def respawn_module(interpreter_path):
    if has_respawned():
        raise Exception('module has already been respawned')
    main = sys.modules['__main__']
    from ansible.module_utils import basic
    text = _SCRIPT.format(path=main._modlib_path, args=basic._ANSIBLE_ARGS, name=main._module_fqn)
    env = dict(os.environ, PYTHONPATH=os.pathsep.join([main._modlib_path] + [p for p in [os.environ.get('PYTHONPATH')] if p]))
    p = subprocess.Popen([interpreter_path, '-'], stdin=subprocess.PIPE, env=env)
    p.communicate(text.encode('utf-8'))
    sys.exit(p.returncode)


def probe_interpreters_for_module(interpreter_paths, module_name):
    from ansible.module_utils.basic import _ANSIBLE_ARGS  # noqa: F401
    path = getattr(sys.modules['__main__'], '_modlib_path', '')
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(p for p in [path, os.environ.get('PYTHONPATH')] if p))
    for interpreter in interpreter_paths:
        if not os.path.exists(interpreter):
            continue
        try:
            if subprocess.call([interpreter, '-c', 'import ' + module_name], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
                return interpreter
        except OSError:
            continue
    return None
