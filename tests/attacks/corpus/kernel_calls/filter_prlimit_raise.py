# goal: raise the limit on descriptors
# technique: kernel_calls
# expect: ok 'EPERM' alive

import struct

from kernel import call

call("prlimit64", 0, 7, struct.pack("QQ", 64, 64), 0)
