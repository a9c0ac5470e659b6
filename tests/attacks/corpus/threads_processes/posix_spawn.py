# goal: spawn a program without fork
# technique: threads_processes
# expect: error PermissionError "[Errno 1] Operation not permitted: '/bin/true'" alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: call Python in this one, or lend a host function that does what is needed" alive

import os

os.posix_spawn("/bin/true", ["true"], {})
