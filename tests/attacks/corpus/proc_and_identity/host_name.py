# goal: learn the host's name
# technique: proc_and_identity
# expect: ok 'box' alive
# expect[engine=wasi]: ok '(none)' alive
# expect[no:namespaces]: ok ~r"'.*'" alive

import socket

socket.gethostname()
