# goal: look for the socket of a container daemon
# technique: filesystem
# needs: namespaces
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/var/run/docker.sock'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/var/run/docker.sock'" alive

import os

os.stat("/var/run/docker.sock")
