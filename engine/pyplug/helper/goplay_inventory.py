"""Runs inventory plugins."""

from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader

plugins = {}


def handle(message, load):
    name, path = message['name'], message['source']
    if name not in plugins:
        module = load(message['file'], message['modname'])
        module.InventoryModule._load_name = name
        module.InventoryModule._documentation = getattr(module, 'DOCUMENTATION', '')
        plugins[name] = module.InventoryModule
    plugin = plugins[name]()
    if not plugin.verify_file(path):
        return {'skip': True}
    inventory = InventoryData()
    inventory.current_source = path
    for g in message['groups']:
        if g['name'] not in inventory.groups:
            inventory.add_group(g['name'])
        inventory.groups[g['name']].vars.update(g['vars'])
    for h in message['hosts']:
        inventory.add_host(h['name'])
        inventory.hosts[h['name']].vars.update(h['vars'])
        for g in h['groups']:
            inventory.groups[g].add_host(inventory.hosts[h['name']])
    for g in message['groups']:
        for child in g['children']:
            inventory.groups[g['name']].add_child_group(inventory.groups[child])
    inventory._done = []
    loader = DataLoader()
    loader.set_basedir(message['basedir'])
    plugin.parse(inventory, loader, path, cache=True)
    if hasattr(plugin, 'update_cache_if_changed'):
        plugin.update_cache_if_changed()
    return {'done': inventory._done}
