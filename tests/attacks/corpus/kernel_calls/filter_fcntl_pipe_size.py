# goal: pin kernel memory in large pipes
# technique: kernel_calls
# trap: 4
# expect: ok 'EPERM' alive

import os

from kernel import call

reading, writing = os.pipe()
call("fcntl", writing, 1031, 1 << 20)
