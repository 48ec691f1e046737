# goplay's own helpers for modules: keys of dictionaries between styles.
import re
from copy import deepcopy


def camel_dict_to_snake_dict(camel_dict, reversible=False, ignore_list=()):
    def walk(value):
        if isinstance(value, dict):
            return camel_dict_to_snake_dict(value, reversible)
        if isinstance(value, list):
            return [walk(x) for x in value]
        return value
    out = {}
    for k, v in camel_dict.items():
        key = _camel_to_snake(k, reversible=reversible)
        out[key] = v if k in ignore_list else walk(v) if isinstance(v, (dict, list)) else v
    return out


def snake_dict_to_camel_dict(snake_dict, capitalize_first=False):
    def walk(value):
        if isinstance(value, dict):
            return {_snake_to_camel(k, capitalize_first): walk(v) for k, v in value.items()}
        if isinstance(value, list):
            return [walk(x) for x in value]
        return value
    return walk(snake_dict)


def _snake_to_camel(snake, capitalize_first=False):
    words = snake.split('_')
    head = (words[0].capitalize() or '_') if capitalize_first else words[0]
    return head + ''.join(w.capitalize() or '_' for w in words[1:])


def _camel_to_snake(name, reversible=False):
    def word(m):
        return '_' + m.group(0).lower()
    if reversible:
        s = re.sub('[A-Z]', word, name)
        return s[1:] if s.startswith('_') and name[:1] != '_' else s
    # A plural of capitals, as in ARNs, is one word.
    s = re.sub(r'[A-Z]{3,}s$', lambda m: ('' if name.startswith(m.group(0)) else '_') + m.group(0).lower(), name)
    s = re.sub(r'(.)([A-Z][a-z]+)', r'\1_\2', s)
    return re.sub(r'([a-z0-9])([A-Z])', r'\1_\2', s).lower()


def dict_merge(a, b):
    if not isinstance(b, dict):
        return b
    out = deepcopy(a)
    for k, v in b.items():
        out[k] = dict_merge(out[k], v) if k in out and isinstance(out[k], dict) else deepcopy(v)
    return out


def recursive_diff(dict1, dict2):
    if not all(isinstance(d, dict) for d in (dict1, dict2)):
        raise TypeError("Unable to diff 'dict1' %s and 'dict2' %s. Both must be a dictionary." % (type(dict1), type(dict2)))
    left = {k: v for k, v in dict1.items() if k not in dict2}
    right = {k: v for k, v in dict2.items() if k not in dict1}
    for k in set(dict1) & set(dict2):
        if isinstance(dict1[k], dict) and isinstance(dict2[k], dict):
            inner = recursive_diff(dict1[k], dict2[k])
            if inner:
                left[k], right[k] = inner
        elif dict1[k] != dict2[k]:
            left[k], right[k] = dict1[k], dict2[k]
    return (left, right) if left or right else None
