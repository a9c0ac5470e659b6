# goal: learn which paths of the host exist
# technique: filesystem
# expect: ok [] alive
# expect[landlock+seccomp]: ok ~r"\['/etc/passwd', .*secret\.txt.*\]" alive

import os

paths = ["/etc/passwd", "/proc/1", "/sys/kernel", TARGET["secret_file"], "/home"]
[path for path in paths if os.path.exists(path)]
