def get_all_subclasses(cls):
    out = set(cls.__subclasses__())
    for c in list(out):
        out |= get_all_subclasses(c)
    return out
