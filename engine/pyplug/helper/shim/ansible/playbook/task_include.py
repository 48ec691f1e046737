class TaskInclude:
    """Names the kind of tasks that take in files; goplay has none of it in plugins."""
