__version__ = '2.18.0'
__author__ = 'Ansible, Inc.'
__codename__ = 'goplay'
