# goal: send oneself the signal that undoes the host's pause between turns
# technique: kernel_calls
# trap: 11
# expect: ok 'EPERM' alive

import os

from kernel import call

call("tgkill", os.getpid(), call("gettid"), 18)
