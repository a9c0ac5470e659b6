# goal: make a socket with a name in the scratch folder
# technique: filesystem
# field: kernel-abstract-socket
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

import socket

socket.socket(socket.AF_UNIX).bind("socket")
