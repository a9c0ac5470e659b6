# goal: reach the host's network from __set_name__, which no expression calls
# technique: python_escape
# field: lang-class-hooks
# expect: ok 'EPERM'

import socket

from attempt import attempt


class Hook:
    def __set_name__(self, owner, name):
        owner.result = attempt(socket.create_connection, ("127.0.0.1", TARGET["port"]))


class Victim:
    hook = Hook()


Victim.result
