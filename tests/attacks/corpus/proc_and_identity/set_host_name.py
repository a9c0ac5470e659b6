# goal: rename the host
# technique: proc_and_identity
# expect: crashed SIGSYS dead

import socket

socket.sethostname("taken")
