# goal: start threads with pthread_create, which no module of Python counts
# technique: threads_processes
# needs: threads module:ctypes
# field: lang-ctypes, step-threads-forks
# expect: ok 8 alive

import ctypes

libc = ctypes.CDLL(None)
entry = ctypes.cast(libc.pause, ctypes.c_void_p)
thread = ctypes.c_ulong()
started = 0
while started < 1000 and libc.pthread_create(ctypes.byref(thread), None, entry, None) == 0:
    started += 1
started
