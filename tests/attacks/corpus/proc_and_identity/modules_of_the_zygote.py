# goal: use the modules that confine guests
# technique: proc_and_identity
# expect: ok None

import ringfence.jail.libc
