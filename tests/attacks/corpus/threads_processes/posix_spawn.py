# goal: spawn a program without fork
# technique: threads_processes
# expect: error PermissionError "[Errno 1] Operation not permitted: '/bin/true'" alive

import os

os.posix_spawn("/bin/true", ["true"], {})
