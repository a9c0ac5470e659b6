# goal: learn the host's name
# technique: proc_and_identity
# expect: ok 'box' alive
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'gethostname'" alive
# expect[no:namespaces]: ok ~r"'.*'" alive

import socket

socket.gethostname()
