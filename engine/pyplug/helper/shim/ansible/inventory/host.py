class Host:
    """A host as inventory and vars plugins see it."""

    def __init__(self, name=None, port=None, gen_uuid=True):
        self.name = self.address = name
        self.vars, self.groups = {}, []
        self.implicit = False
        if port:
            self.vars['ansible_port'] = int(port)

    def __str__(self):
        return self.name

    def get_name(self):
        return self.name

    def get_groups(self):
        out = []
        for g in self.groups:
            for x in g.get_ancestors() + [g]:
                if x not in out:
                    out.append(x)
        return out

    def add_group(self, group):
        if group not in self.groups:
            self.groups.append(group)
            return True
        return False

    def remove_group(self, group):
        if group in self.groups:
            self.groups.remove(group)

    def set_variable(self, key, value):
        self.vars[key] = value

    def get_magic_vars(self):
        return dict(inventory_hostname=self.name, inventory_hostname_short=self.name.split('.')[0],
                    group_names=sorted(g.name for g in self.get_groups() if g.name != 'all'))

    def get_vars(self):
        return dict(self.vars, **self.get_magic_vars())
