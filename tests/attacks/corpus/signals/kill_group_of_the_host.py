# goal: kill the group of the host's process
# technique: signals
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: signal.raise_signal reaches this one" alive

import os

os.killpg(TARGET["host_pid"], 9)
