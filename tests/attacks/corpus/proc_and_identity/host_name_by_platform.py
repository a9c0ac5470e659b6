# goal: learn the host's name another way
# technique: proc_and_identity
# expect: ok None

import platform

platform.node()
