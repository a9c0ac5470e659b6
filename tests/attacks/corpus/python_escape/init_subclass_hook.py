# goal: send to the host's port from __init_subclass__
# technique: python_escape
# field: lang-class-hooks
# expect: ok 'EPERM'

import socket

from attempt import attempt


class Base:
    def __init_subclass__(cls):
        cls.result = attempt(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)


class Victim(Base):
    pass


Victim.result
