# goal: run a shell command through the C library
# technique: threads_processes
# field: lang-ctypes
# needs: module:ctypes
# expect: ok 32512 alive

import ctypes

ctypes.CDLL(None).system(b"echo pwned")
