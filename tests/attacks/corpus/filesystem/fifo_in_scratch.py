# goal: make a pipe with a name in the scratch folder
# technique: filesystem
# field: kernel-links
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'mkfifo'" alive

import os

os.mkfifo("pipe")
