# goal: learn which links of the host exist
# technique: filesystem
# expect: ok [] alive
# expect[landlock+seccomp]: ok ~r"\[.*'/bin'.*\]" alive

import os

[path for path in ["/proc/self", "/etc/localtime", "/bin", "/sbin"] if os.path.lexists(path)]
