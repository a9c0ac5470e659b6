# goal: rename the host
# technique: proc_and_identity
# expect: ok None

import socket

socket.sethostname("taken")
