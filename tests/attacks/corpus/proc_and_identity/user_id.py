# goal: learn who runs the host
# technique: proc_and_identity
# expect: ok None

import os

(os.getuid(), os.geteuid(), os.getgid(), os.getegid())
