# goal: start a process with flags behind a pointer
# technique: kernel_calls
# field: kernel-unshare
# expect: ok 'ENOSYS' alive

import struct

from kernel import call

call("clone3", struct.pack("8Q", 0, 0, 0, 0, 17, 0, 0, 0), 64)
