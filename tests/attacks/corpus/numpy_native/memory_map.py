# goal: map a host file into memory
# technique: numpy_native
# field: lang-ctypes
# packages: numpy
# expect: ok 'ENOENT'
# expect[no:namespaces]: ok 'EPERM'

import numpy as np

from attempt import attempt

attempt(np.memmap, TARGET["secret_file"])
