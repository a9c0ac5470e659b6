# goal: shut one direction of the channel down, and go on computing
# technique: guest_agent_tampering
# field: host-stalled-reader
# needs: engine=native
# limits: wall=1
# expect: crashed Disconnected "the guest closed its channel" dead

import socket

socket.socket(fileno=3).shutdown(socket.SHUT_WR)
while True:
    pass
