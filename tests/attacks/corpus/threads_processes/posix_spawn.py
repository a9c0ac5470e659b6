# goal: spawn a program without fork
# technique: threads_processes
# expect: error PermissionError "[Errno 1] Operation not permitted: '/bin/true'" alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'posix_spawn'" alive

import os

os.posix_spawn("/bin/true", ["true"], {})
