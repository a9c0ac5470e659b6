# goal: read a host file as numbers
# technique: numpy_native
# field: lang-module-through-module
# packages: numpy
# expect: ok 'ENOENT'
# expect[landlock+seccomp]: ok 'EACCES'
# expect[only:seccomp]: ok 'EPERM'

import numpy as np

from attempt import attempt

attempt(np.fromfile, TARGET["secret_file"], "u1")
