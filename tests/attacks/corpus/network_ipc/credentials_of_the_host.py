# goal: ask the channel for the process, user and group of the host
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] Not supported" alive

import os
import socket

socket.socket(fileno=os.dup(3)).getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
