# goplay's own helpers for modules: sizes.
import re

SIZE_RANGES = dict(Y=1 << 80, Z=1 << 70, E=1 << 60, P=1 << 50, T=1 << 40, G=1 << 30, M=1 << 20, K=1 << 10, B=1)


def lenient_lowercase(lst):
    return [x.lower() if isinstance(x, str) else x for x in lst]


def human_to_bytes(number, default_unit=None, isbits=False):
    m = re.search(r'^\s*(\d*\.?\d*)\s*([A-Za-z]+)?', str(number))
    if m is None:
        raise ValueError("human_to_bytes() can't interpret following string: %s" % str(number))
    try:
        num = float(m.group(1))
    except Exception:
        raise ValueError("human_to_bytes() can't interpret following number: %s (original input string: %s)" % (m.group(1), number))
    unit = m.group(2) or default_unit
    if unit is None:
        return int(round(num))
    key = unit[0].upper()
    if key not in SIZE_RANGES:
        raise ValueError("human_to_bytes() failed to convert %s (unit = %s). The suffix must be one of %s" % (number, unit, ', '.join(SIZE_RANGES)))
    word = 'bit' if isbits else 'byte'
    if len(unit) > 1:
        rest = unit.lower() if key == 'B' else unit[1:]
        allowed = [word, word + 's'] if key == 'B' else [('b' if isbits else 'B'), word, word + 's', ('b' if isbits else 'B') + 's']
        if rest not in allowed and rest.lower() not in (word, word + 's'):
            full = key + ('b' if isbits else 'B') if key != 'B' else word
            raise ValueError('human_to_bytes() failed to convert %s. Value is not a valid string (expect %s%s)' % (number, full, '' if key == 'B' else ' or ' + key))
    return int(round(num * SIZE_RANGES[key]))


def bytes_to_human(size, isbits=False, unit=None):
    word = 'bits' if isbits else 'Bytes'
    suffix, limit = 'B', 1
    for suffix, limit in sorted(SIZE_RANGES.items(), key=lambda item: -item[1]):
        if unit is None and size >= limit or unit is not None and unit.upper() == suffix[0]:
            break
    if limit != 1:
        suffix += word[0]
    else:
        suffix = word
    return '%.2f %s' % (size / limit, suffix)
