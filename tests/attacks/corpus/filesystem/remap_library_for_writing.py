# goal: map a library for reading, then make the mapping writable
# technique: filesystem
# expect: ok 'EACCES' alive
# expect[only:seccomp]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/os\.py'" alive

import os

from kernel import call

descriptor = os.open(os.__file__, os.O_RDONLY)
page = call("mmap", 0, 4096, 1, 1, descriptor, 0)
call("mprotect", page, 4096, 3)
