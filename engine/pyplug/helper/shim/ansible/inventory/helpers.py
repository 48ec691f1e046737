from ansible.utils.vars import combine_vars


def sort_groups(groups):
    return sorted(groups, key=lambda g: (g.depth, g.priority, g.name))


def get_group_vars(groups):
    out = {}
    for g in sort_groups(groups):
        out = combine_vars(out, g.get_vars())
    return out
