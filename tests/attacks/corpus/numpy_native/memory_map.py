# goal: map a host file into memory
# technique: numpy_native
# field: lang-ctypes
# packages: numpy
# expect: ok 'ENOENT'
# expect[landlock+seccomp]: ok 'EACCES'
# expect[only:seccomp]: ok 'EPERM'

import numpy as np

from attempt import attempt

attempt(np.memmap, TARGET["secret_file"])
