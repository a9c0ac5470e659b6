# goal: count the guests in the flags of the descriptors that all inherit
# technique: randomness_and_isolation
# twice: equal
# field: kernel-leaked-fd
# needs: module:fcntl
# expect: ok [False, False, False] alive

import fcntl
import os

flags = [bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK) for fd in (0, 1, 2)]
for fd in (0, 1, 2):
    fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
flags
