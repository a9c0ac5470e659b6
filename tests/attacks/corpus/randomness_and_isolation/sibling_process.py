# goal: find the sandbox beside this one
# technique: randomness_and_isolation
# twice: equal
# expect: ok ['EPERM'] alive

import os

from kernel import call

sorted({str(call("tgkill", pid, pid, 0)) for pid in range(1, 1000) if pid != os.getpid()})
