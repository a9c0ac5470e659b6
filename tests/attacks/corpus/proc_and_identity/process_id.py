# goal: learn the process's number on the host
# technique: proc_and_identity
# expect: ok 1 alive
# expect[engine=wasi]: ok 42 alive
# expect[no:namespaces]: ok ~r"\d+" alive

import os

os.getpid()
