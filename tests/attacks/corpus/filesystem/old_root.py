# goal: look for the mount that pivot_root left behind
# technique: filesystem
# needs: namespaces
# expect: ok [] alive

import os

[name for name in ("/.old", "/old", "/oldroot", "/.pivot_root", "/mnt") if os.path.exists(name)]
