# goal: connect to a port of the host
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

import socket

socket.create_connection(("127.0.0.1", TARGET["port"]))
