# goal: pass descriptors in flight, where no limit counts them
# technique: network_ipc
# field: kernel-leaked-fd
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

import socket

here, there = socket.socketpair()
socket.send_fds(here, [b"x"], [here.fileno()] * 10)
