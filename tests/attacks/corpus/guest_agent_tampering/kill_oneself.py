# goal: end the process by SIGKILL, which init of a namespace ignores
# technique: guest_agent_tampering
# expect: ok 'EPERM'
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'kill'"

import os

from attempt import attempt

attempt(os.kill, os.getpid(), 9)
