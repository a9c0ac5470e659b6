# goal: resolve the host's own name
# technique: network_ipc
# expect: error gaierror '[Errno -2] Name or service not known' alive
# expect[engine=wasi]: error gaierror "[Errno 8] there is no network here: lend a host function that fetches what is needed" alive

import socket

socket.gethostbyname("localhost")
