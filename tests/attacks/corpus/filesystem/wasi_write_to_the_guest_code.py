# goal: change the agent's files
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 69] Read-only file system: '/ringfence/planted.py'" alive

import os

import ringfence_guest

path = os.path.dirname(ringfence_guest.__file__)
open("/ringfence/planted.py", "w")
