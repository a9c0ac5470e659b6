# goal: connect to an abstract socket of the host
# technique: network_ipc
# field: kernel-abstract-socket
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

import socket

socket.socket(socket.AF_UNIX).connect("\0" + TARGET["abstract"])
