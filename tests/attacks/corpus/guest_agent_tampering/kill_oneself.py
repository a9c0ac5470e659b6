# goal: end the process by SIGKILL, which init of a namespace ignores
# technique: guest_agent_tampering
# expect: ok 'EPERM'

import os

from attempt import attempt

attempt(os.kill, os.getpid(), 9)
