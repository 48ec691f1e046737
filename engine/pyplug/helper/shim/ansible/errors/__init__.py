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
    def __init__(self, message='', obj=None, show_content=True, suppress_extended_error=False, orig_exc=None, paths=None, file_name=None):
        self.file_name, self.paths = file_name, paths
        if file_name and not message:
            message = 'Could not find or access %r' % str(file_name)
        elif file_name and str(file_name) not in message:
            message += '\nCould not find or access %r' % str(file_name)
        if file_name and 'Searched in' not in message:
            message += ' on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option'
        super().__init__(message, obj, show_content, suppress_extended_error, orig_exc)


class AnsibleAssertionError(AnsibleError, AssertionError):
    pass


class AnsiblePluginError(AnsibleError):
    pass


class AnsiblePluginRemovedError(AnsiblePluginError):
    pass


class AnsiblePluginNotFound(AnsiblePluginError):
    pass


class AnsibleCallbackError(AnsibleRuntimeError):
    pass


class AnsibleAction(AnsibleRuntimeError):
    """Ends an action with a result."""

    def __init__(self, message='', obj=None, show_content=True, suppress_extended_error=False, orig_exc=None, result=None):
        super().__init__(message, obj, show_content, suppress_extended_error, orig_exc)
        self.result = {} if result is None else result


class AnsibleActionSkip(AnsibleAction):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.result.update(skipped=True, msg=str(self))


class AnsibleActionFail(AnsibleAction):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.result.update(failed=True, msg=str(self))


class _AnsibleActionDone(AnsibleAction):
    pass
