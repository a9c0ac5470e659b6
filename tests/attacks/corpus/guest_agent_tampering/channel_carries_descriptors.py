# goal: hand the host a descriptor through the channel
# technique: guest_agent_tampering
# field: kernel-leaked-fd
# needs: engine=native
# expect: ok 'EPERM'

import array
import socket

from attempt import attempt

fds = array.array("i", [0])
message = (socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)
channel = socket.socket(fileno=3)
attempt(channel.sendmsg, [b"x"], [message])
