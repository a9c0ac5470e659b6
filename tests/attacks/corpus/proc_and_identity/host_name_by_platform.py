# goal: learn the host's name another way
# technique: proc_and_identity
# expect: ok 'box' alive
# expect[engine=wasi]: ok '(none)' alive
# expect[no:namespaces]: ok ~r"'.*'" alive

import platform

platform.node()
