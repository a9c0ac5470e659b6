# goal: spawn a program without fork
# technique: threads_processes
# expect: ok None

import os

os.posix_spawn("/bin/true", ["true"], {})
