from ansible.template import Templar


class Conditional:
    def __init__(self, loader=None):
        self._loader, self.when = loader, []

    def evaluate_conditional(self, templar, all_vars):
        inner = Templar(templar._loader, all_vars)
        return all(inner.evaluate(w) for w in (self.when if isinstance(self.when, list) else [self.when]))
