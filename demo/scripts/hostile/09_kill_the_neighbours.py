# tries: kill every process that it can reach
# stands: processes
# expect: error PermissionError
import os
import signal

os.kill(-1, signal.SIGKILL)
