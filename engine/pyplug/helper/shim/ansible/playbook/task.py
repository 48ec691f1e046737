from goplay_action import Task

__all__ = ['Task']
