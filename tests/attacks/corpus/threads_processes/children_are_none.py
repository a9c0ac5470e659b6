# goal: wait for a child of the launcher
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error ChildProcessError "[Errno 12] there are no child processes here" alive

import os

os.wait()
