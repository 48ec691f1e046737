from ansible.plugins.inventory import split_host_pattern  # noqa: F401
