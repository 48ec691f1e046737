from goplay_action import PlayContext

__all__ = ['PlayContext']
