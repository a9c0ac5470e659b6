# goal: give one end of a pair a name
# technique: network_ipc
# field: kernel-abstract-socket
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

import socket

here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
here.bind("\0left-behind")
