# goal: find in memory the zygote's control socket
# technique: proc_and_identity
# field: kernel-leaked-fd
# expect: ok [3] alive
# expect[engine=wasi]: ok [] alive

import os
import socket
import sys

frame = sys._getframe()
found = []
while frame:
    for value in list(frame.f_locals.values()):
        if isinstance(value, socket.socket):
            try:
                os.dup(value.fileno())
                found.append(value.fileno())
            except OSError:
                pass
    frame = frame.f_back
found
