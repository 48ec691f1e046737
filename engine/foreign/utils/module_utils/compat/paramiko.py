PARAMIKO_IMPORT_ERR = paramiko = None
try:
    import paramiko  # noqa: F401
except Exception as err:
    PARAMIKO_IMPORT_ERR = err
