# goal: send from a pair of datagram sockets to an abstract socket of the host
# technique: network_ipc
# field: kernel-abstract-socket
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

import socket

here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
here.sendto(b"x", "\0" + TARGET["abstract"])
