# goal: use the channel to the host as a socket of one's own, and ask who is there
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] Not supported" alive

import os
import socket

socket.socket(fileno=os.dup(3)).getpeername()
