import os

from goplay_wire import ask, tell


class Display:
    columns = 79
    noncow = None
    b_cowsay = None
    log_verbosity = 3

    def __init__(self, verbosity=0):
        pass

    @property
    def verbosity(self):
        return int(os.environ.get('GOPLAY_VERBOSITY', '0'))

    def display(self, msg, color=None, stderr=False, screen_only=False, log_only=False, newline=True, **kwargs):
        if not log_only:
            tell('display', text=str(msg), color=color, stderr=stderr, newline=newline)

    def verbose(self, msg, host=None, caplevel=2):
        tell('verbose', text=str(msg), host=host, level=caplevel + 1)

    def v(self, msg, host=None):
        self.verbose(msg, host, 0)

    def vv(self, msg, host=None):
        self.verbose(msg, host, 1)

    def vvv(self, msg, host=None):
        self.verbose(msg, host, 2)

    def vvvv(self, msg, host=None):
        self.verbose(msg, host, 3)

    def vvvvv(self, msg, host=None):
        self.verbose(msg, host, 4)

    def vvvvvv(self, msg, host=None):
        self.verbose(msg, host, 5)

    def debug(self, msg, host=None):
        pass

    def warning(self, msg, formatted=False, **kwargs):
        tell('warning', text=str(msg))

    def deprecated(self, msg, version=None, removed=False, date=None, collection_name=None, **kwargs):
        tell('deprecated', text=str(msg), version=version, removed=bool(removed), date=date, collection=collection_name)

    def system_warning(self, msg):
        self.warning(msg)

    def error(self, msg, wrap_text=True):
        tell('display', text='ERROR! %s' % msg, color='red', stderr=True, newline=True)

    def banner(self, msg, color=None, cows=True):
        text = str(msg).strip()
        self.display('\n%s %s' % (text, '*' * max(79 - len(text), 3)), color=color)

    def prompt(self, msg, private=False):
        return ask('prompt', text=str(msg), private=private)

    do_var_prompt = None
    set_cowsay_info = None
