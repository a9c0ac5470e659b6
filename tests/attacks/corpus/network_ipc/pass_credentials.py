# goal: have the channel carry credentials
# technique: network_ipc
# expect: ok None

import os
import socket

socket.socket(fileno=os.dup(3)).setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
