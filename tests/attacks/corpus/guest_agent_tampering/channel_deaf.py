# goal: shut the other direction down, so that the host cannot write
# technique: guest_agent_tampering
# field: host-stalled-reader
# needs: engine=native
# functions: echo
# expect: crashed Exit "the guest process ended with exit code 0" dead

import socket

socket.socket(fileno=3).shutdown(socket.SHUT_RD)
echo("x")
