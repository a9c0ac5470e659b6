# goal: end the process by SIGABRT
# technique: guest_agent_tampering
# expect[engine=wasi]: crashed Trap dead
# expect[namespaces]: crashed SIGSEGV dead
# expect: crashed SIGABRT dead

import os

# the first process of a namespace survives its own SIGABRT; abort() then makes it fault

os.abort()
