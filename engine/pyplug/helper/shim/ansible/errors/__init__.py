class AnsibleError(Exception):
    def __init__(self, message='', obj=None, show_content=True, suppress_extended_error=False, orig_exc=None):
        super().__init__(message)
        self._message = self.message = str(message)
        self.obj = obj
        self.orig_exc = orig_exc

    def __str__(self):
        if self.orig_exc is not None and str(self.orig_exc) not in self._message:
            return '%s. %s' % (self._message, self.orig_exc)
        return self._message


class AnsibleOptionsError(AnsibleError):
    pass


class AnsibleRequiredOptionError(AnsibleOptionsError):
    pass


class AnsibleParserError(AnsibleError):
    pass


class AnsibleInternalError(AnsibleError):
    pass


class AnsibleRuntimeError(AnsibleError):
    pass


class AnsibleModuleError(AnsibleRuntimeError):
    pass


class AnsibleConnectionFailure(AnsibleRuntimeError):
    pass


class AnsibleAuthenticationFailure(AnsibleConnectionFailure):
    pass


class AnsibleTemplateError(AnsibleRuntimeError):
    pass


class AnsibleFilterError(AnsibleTemplateError):
    pass


class AnsibleFilterTypeError(AnsibleTemplateError, TypeError):
    pass


class AnsibleLookupError(AnsibleTemplateError):
    pass


class AnsibleUndefinedVariable(AnsibleTemplateError):
    pass


class AnsibleFileNotFound(AnsibleRuntimeError):
    pass


class AnsibleAssertionError(AnsibleError, AssertionError):
    pass


class AnsiblePluginError(AnsibleError):
    pass


class AnsibleActionFail(AnsibleRuntimeError):
    pass
