# goal: reserve space for a file
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# field: step-huge-file
# expect: error OSError '[Errno 27] File too large' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'posix_fallocate'" alive

import os

descriptor = os.open("file", os.O_RDWR | os.O_CREAT)
os.posix_fallocate(descriptor, 0, 1 << 40)
