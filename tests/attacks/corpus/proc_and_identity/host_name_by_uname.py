# goal: learn the host's name by the call
# technique: proc_and_identity
# expect: ok 'box' alive
# expect[engine=wasi]: ok '(none)' alive
# expect[no:namespaces]: ok ~r"'.*'" alive

import os

os.uname().nodename
