# goal: stop, so that nothing of the limit is used
# technique: signals
# trap: 5
# limits: wall=0.3
# field: step-sleep
# expect: ok 0 alive
# expect[no:namespaces]: limit wall dead

import os

from kernel import call

call("tgkill", os.getpid(), call("gettid"), 19)
