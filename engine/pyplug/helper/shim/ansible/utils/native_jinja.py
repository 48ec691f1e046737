from ansible.utils.unsafe_proxy import NativeJinjaText

__all__ = ['NativeJinjaText']
