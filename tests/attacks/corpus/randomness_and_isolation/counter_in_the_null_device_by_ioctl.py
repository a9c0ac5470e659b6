# goal: count the guests in the flags of shared descriptors, set by ioctl
# technique: randomness_and_isolation
# twice: equal
# field: kernel-leaked-fd
# expect: ok 'clear' alive

import fcntl
import os

from kernel import call

was = fcntl.fcntl(0, fcntl.F_GETFL) & os.O_NONBLOCK
call("ioctl", 0, 0x5421, b"\x01\0\0\0")
"set by another guest" if was else "clear"
