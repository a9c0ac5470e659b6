# goal: use more processors than the guest was given, by the threads of a C library
# technique: numpy_native
# field: step-threads-forks
# packages: numpy
# needs: threads
# expect: ok True

import numpy as np
import threading

np.ones((500, 500)) @ np.ones((500, 500))
threading.active_count() <= 2
