# goal: pin kernel memory through the size of the channel's buffers
# technique: guest_agent_tampering
# field: kernel-leaked-fd
# needs: engine=native
# expect: ok 'EPERM'

import socket

from attempt import attempt

channel = socket.socket(fileno=3)
attempt(channel.setsockopt, socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
