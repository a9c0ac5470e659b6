# goal: send the host urgent data beside the stream
# technique: guest_agent_tampering
# field: host-forged-frame
# needs: engine=native
# expect: ok 'EPERM'

import socket

from attempt import attempt

channel = socket.socket(fileno=3)
attempt(channel.send, b"x", socket.MSG_OOB)
