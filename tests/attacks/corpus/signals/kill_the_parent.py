# goal: kill the parent process
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: signal.raise_signal reaches this one" alive

import os

os.kill(os.getppid(), 9)
