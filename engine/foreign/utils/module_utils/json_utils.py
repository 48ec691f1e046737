import json  # noqa: F401


def _filter_non_json_lines(data, objects_only=False):
    lines = data.splitlines()
    for start, line in enumerate(lines):
        if line.strip().startswith('{') or not objects_only and line.strip().startswith('['):
            break
    else:
        raise ValueError('No start of json char found')
    closing = '}' if lines[start].strip().startswith('{') else ']'
    for end in range(len(lines) - 1, start - 1, -1):
        if lines[end].strip().endswith(closing):
            break
    else:
        raise ValueError('No end of json char found')
    warnings = []
    rest = '\n'.join(lines[end + 1:])
    if rest.strip():
        warnings.append('Module invocation had junk after the JSON data: %s' % rest)
    return '\n'.join(lines[start:end + 1]), warnings
