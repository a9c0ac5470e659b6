# goal: learn who runs the host
# technique: proc_and_identity
# expect: ok (1000, 1000, 1000, 1000) alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'getuid'" alive
# expect[no:namespaces]: ok ~r"\((\d+), \1, (\d+), \2\)" alive

import os

(os.getuid(), os.geteuid(), os.getgid(), os.getegid())
