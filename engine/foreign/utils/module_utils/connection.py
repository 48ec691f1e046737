# goplay's own stand-in: persistent connections of network devices are not there.
class ConnectionError(Exception):
    def __init__(self, message, **kwargs):
        super(ConnectionError, self).__init__(message)
        for k, v in kwargs.items():
            setattr(self, k, v)


class Connection(object):
    def __init__(self, socket_path):
        if socket_path is None:
            raise AssertionError('socket_path must be a value')
        raise ConnectionError('goplay keeps no persistent connections to network devices', code=1)


def exec_command(module, command):
    return 1, '', 'goplay keeps no persistent connections to network devices'
