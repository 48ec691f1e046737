from ansible.errors import AnsibleError
from ansible.inventory.group import Group, to_safe_group_name
from ansible.inventory.host import Host


class InventoryData:
    """The inventory while a plugin fills it; what the plugin does is noted for goplay."""

    def __init__(self):
        self.groups, self.hosts = {}, {}
        self.localhost = self.current_source = None
        self.processed_sources = []
        self._done = []
        for name in ('all', 'ungrouped'):
            self.groups[name] = Group(name)
        self.groups['all'].add_child_group(self.groups['ungrouped'])

    def add_group(self, group):
        if not group or not isinstance(group, str):
            raise AnsibleError('Invalid group name supplied, expected a string but got %s for %s' % (type(group), group))
        group = to_safe_group_name(group) if not isinstance(group, str) else str(group)
        if group not in self.groups:
            self.groups[group] = Group(group)
            self._done.append(['group', group])
        return group

    def add_host(self, host, group=None, port=None):
        if not host or not isinstance(host, str):
            raise AnsibleError('Invalid host name supplied, expected a string but got %s for %s' % (type(host), host))
        host = str(host)
        if group and group not in self.groups:
            raise AnsibleError('Could not find group %s in inventory' % group)
        if host not in self.hosts:
            self.hosts[host] = Host(host, port)
        self._done.append(['host', host, group, port])
        if group:
            self.groups[group].add_host(self.hosts[host])
        return host

    def add_child(self, group, child):
        if group not in self.groups:
            raise AnsibleError('%s is not a known group' % group)
        g = self.groups[group]
        if child in self.groups:
            added = g.add_child_group(self.groups[child])
        elif child in self.hosts:
            added = g.add_host(self.hosts[child])
        else:
            raise AnsibleError('%s is not a known host nor group' % child)
        self._done.append(['child', str(group), str(child)])
        return added

    def set_variable(self, entity, varname, value):
        thing = self.groups.get(entity) or self.hosts.get(entity)
        if thing is None:
            raise AnsibleError('Could not identify group or host named %s' % entity)
        thing.set_variable(varname, value)
        self._done.append(['var', str(entity), str(varname), value])

    def remove_group(self, group):
        name = getattr(group, 'name', group)
        if self.groups.pop(name, None):
            self._done = [d for d in self._done if not (d[0] == 'group' and d[1] == name or d[0] == 'child' and name in d[1:] or d[0] == 'host' and d[2] == name)]

    def remove_host(self, host):
        name = getattr(host, 'name', host)
        if self.hosts.pop(name, None):
            for g in self.groups.values():
                g.hosts = [h for h in g.hosts if h.name != name]
            self._done = [d for d in self._done if not (d[0] in ('host', 'var') and d[1] == name or d[0] == 'child' and d[2] == name)]

    def get_host(self, hostname):
        return self.hosts.get(hostname)

    def get_groups_dict(self):
        return {n: [h.name for h in g.get_hosts()] for n, g in self.groups.items()}

    def reconcile_inventory(self):
        pass
