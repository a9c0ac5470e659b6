# goal: call the kernel through the C module under os
# technique: import_system
# field: lang-module-through-module
# expect: ok 'EPERM'
# expect[engine=wasi]: error AttributeError "module 'posix' has no attribute 'fork'"

import posix

from attempt import attempt

attempt(posix.fork)
