# goal: have the channel carry credentials
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] Not supported" alive

import os
import socket

socket.socket(fileno=os.dup(3)).setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
