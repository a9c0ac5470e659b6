# goal: make a device in the scratch folder
# technique: filesystem
# field: kernel-links
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'mknod'" alive

import os
import stat

os.mknod("memory", 0o666 | stat.S_IFCHR, os.makedev(1, 1))
