# goal: map a scratch file to run it
# technique: filesystem
# needs: disk, x86_64
# expect: ok 'EPERM' alive

import os

from kernel import call

descriptor = os.open("code", os.O_RDWR | os.O_CREAT)
os.write(descriptor, b"\xc3" * 4096)
call("mmap", 0, 4096, 5, 2, descriptor, 0)
