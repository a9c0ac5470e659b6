# goal: rename the host
# technique: proc_and_identity
# expect: crashed SIGSYS dead
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'sethostname'" alive

import socket

socket.sethostname("taken")
