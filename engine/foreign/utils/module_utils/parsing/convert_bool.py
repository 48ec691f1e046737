# goplay's own helpers for modules: what counts as a boolean.
BOOLEANS_TRUE = frozenset(('y', 'yes', 'on', '1', 'true', 't', 1, 1.0, True))
BOOLEANS_FALSE = frozenset(('n', 'no', 'off', '0', 'false', 'f', 0, 0.0, False))
BOOLEANS = BOOLEANS_TRUE.union(BOOLEANS_FALSE)


def boolean(value, strict=True):
    if isinstance(value, bool):
        return value
    v = value.decode() if isinstance(value, bytes) else value
    if isinstance(v, str):
        v = v.lower().strip()
    try:
        if v in BOOLEANS_TRUE:
            return True
        if v in BOOLEANS_FALSE or not strict:
            return False
    except TypeError:
        if not strict:
            return False
    raise TypeError("The value '%s' is not a valid boolean.  Valid booleans include: %s" % (
        value, ', '.join(repr(i) for i in BOOLEANS)))
