_warnings, _deprecations = [], []


def warn(warning):
    if not isinstance(warning, str):
        raise TypeError('warn requires a string not a %s' % type(warning))
    _warnings.append(warning)


def deprecate(msg, version=None, date=None, collection_name=None):
    if not isinstance(msg, str):
        raise TypeError('deprecate requires a string not a %s' % type(msg))
    _deprecations.append(dict(msg=msg, collection_name=collection_name, **({'date': date} if date else {'version': version})))


def get_warning_messages():
    return tuple(_warnings)


def get_deprecation_messages():
    return tuple(_deprecations)
