# goal: kill the process group of the launcher
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: signal.raise_signal reaches this one" alive

import os

os.kill(0, 9)
