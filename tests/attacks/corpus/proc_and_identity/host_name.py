# goal: learn the host's name
# technique: proc_and_identity
# expect: ok None

import socket

socket.gethostname()
