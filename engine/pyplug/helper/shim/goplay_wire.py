"""The line to goplay: JSON lines out and in."""

import json
import os
import sys
import threading

TUPLE, PAIRS, UNSAFE = '\0tuple', '\0pairs', '\0unsafe'

_in = sys.stdin.buffer
_out = os.fdopen(os.dup(1), 'wb')
os.dup2(2, 1)  # what plugins print must not disturb the wire
_lock = threading.RLock()
asking = False  # goplay waits for an answer, so that questions are heard


class UnsafeText(str):
    """Text that is never read as a template."""

    __UNSAFE__ = True


def plain(value):
    """What JSON has no form for."""
    if isinstance(value, (bytes, bytearray)):
        return value.decode('utf-8', 'surrogateescape')
    if isinstance(value, dict) or hasattr(value, 'keys'):
        return {k: value[k] for k in value.keys()}
    if hasattr(value, '__iter__'):
        return list(value)
    return str(value)


def pack(value):
    """Marks what JSON would change: tuples, unsafe text, keys that are no text."""
    if isinstance(value, str):
        return {UNSAFE: str(value)} if isinstance(value, UnsafeText) else value
    if isinstance(value, tuple):
        return {TUPLE: [pack(v) for v in value]}
    if isinstance(value, (list, set, frozenset)):
        return [pack(v) for v in value]
    if isinstance(value, dict):
        if all(isinstance(k, str) for k in value):
            return {str(k): pack(v) for k, v in value.items()}
        return {PAIRS: [[pack(k), pack(v)] for k, v in value.items()]}
    return value


def unpack(d):
    if UNSAFE in d:
        return UnsafeText(d[UNSAFE])
    if TUPLE in d:
        return tuple(d[TUPLE])
    if PAIRS in d:
        return {k: v for k, v in d[PAIRS]}
    return d


def send(message):
    _out.write(json.dumps(pack(message), default=plain).encode() + b'\n')
    _out.flush()


def receive():
    line = _in.readline()
    if not line:
        os._exit(0)
    return json.loads(line, object_hook=unpack)


def ask(what, **more):
    """Asks goplay while it waits for the answer of a call."""
    with _lock:
        send(dict(more, ask=what))
        answer = receive()
    if 'error' in answer:
        from ansible import errors
        kind = 'AnsibleUndefinedVariable' if answer.get('undefined') else 'AnsibleConnectionFailure' if answer.get('unreachable') else 'AnsibleError'
        raise getattr(errors, kind)(answer['error'])
    return answer.get('value')


def tell(what, **more):
    """Shows something to the person at the terminal; on standard error where nobody listens."""
    if asking:
        ask(what, **more)
    else:
        sys.stderr.write('%s\n' % more.get('text', ''))
