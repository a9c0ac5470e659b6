# goal: learn the parent's number on the host
# technique: proc_and_identity
# expect: ok 0 alive
# expect[no:namespaces]: ok ~r"\d+" alive

import os

os.getppid()
