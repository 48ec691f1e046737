import re


def to_safe_group_name(name, replacer='_', force=False, silent=False):
    name = re.sub(r'[^A-Za-z0-9_]', replacer, name or '')
    return replacer + name if name[:1].isdigit() else name


class Group:
    """A group as inventory and vars plugins see it."""

    def __init__(self, name=None):
        self.name, self.vars, self.hosts = name, {}, []
        self.child_groups, self.parent_groups = [], []
        self.depth = self.priority = 1

    def __str__(self):
        return self.name

    def get_name(self):
        return self.name

    def _reach(self, step):
        out, todo = [], list(getattr(self, step))
        while todo:
            g = todo.pop(0)
            if g not in out:
                out.append(g)
                todo += getattr(g, step)
        return out

    def get_ancestors(self):
        return self._reach('parent_groups')

    def get_descendants(self, **kwargs):
        return self._reach('child_groups')

    def get_hosts(self):
        out = []
        for g in [self] + self.get_descendants():
            out += [h for h in g.hosts if h not in out]
        return out

    def add_host(self, host):
        if host in self.hosts:
            return False
        self.hosts.append(host)
        host.add_group(self)
        return True

    def remove_host(self, host):
        if host in self.hosts:
            self.hosts.remove(host)
            host.remove_group(self)

    def add_child_group(self, group):
        if group not in self.child_groups:
            self.child_groups.append(group)
            group.parent_groups.append(self)
            return True
        return False

    def set_variable(self, key, value):
        self.vars[key] = value

    def get_vars(self):
        return self.vars.copy()

    def set_priority(self, priority):
        self.priority = int(priority)
