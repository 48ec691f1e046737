import sys


class Display:
    verbosity = 0

    def display(self, msg, *args, **kwargs):
        sys.stderr.write('%s\n' % (msg,))

    def warning(self, msg, *args, **kwargs):
        sys.stderr.write('[WARNING]: %s\n' % (msg,))

    def deprecated(self, *args, **kwargs):
        pass

    def error(self, msg, *args, **kwargs):
        sys.stderr.write('ERROR! %s\n' % (msg,))

    def debug(self, *args, **kwargs):
        pass

    v = vv = vvv = vvvv = vvvvv = vvvvvv = verbose = debug
