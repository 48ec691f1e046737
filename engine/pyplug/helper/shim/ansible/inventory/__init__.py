from ansible import _extend

_extend(__path__, __name__)
