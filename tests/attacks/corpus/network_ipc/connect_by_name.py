# goal: connect to a port of the host by name
# technique: network_ipc
# expect: error gaierror '[Errno -3] Temporary failure in name resolution' alive
# expect[engine=wasi]: error gaierror "[Errno 8] there is no network here: lend a host function that fetches what is needed" alive

import socket

socket.create_connection(("localhost", TARGET["port"]))
