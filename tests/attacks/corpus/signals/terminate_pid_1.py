# goal: terminate pid 1, which without a PID namespace is the container's init
# technique: signals
# trap: 5
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: signal.raise_signal reaches this one" alive

import os

os.kill(1, 15)
