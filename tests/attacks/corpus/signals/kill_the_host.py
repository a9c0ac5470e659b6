# goal: kill the host's process by its number
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: signal.raise_signal reaches this one" alive

import os

os.kill(TARGET["host_pid"], 9)
