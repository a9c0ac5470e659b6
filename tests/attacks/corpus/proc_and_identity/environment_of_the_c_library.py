# goal: find in the C library's environment what Python's does not show
# technique: proc_and_identity
# field: lang-ctypes
# needs: module:ctypes
# expect: ok ['HOME', 'LC_ALL', 'MALLOC_ARENA_MAX', 'MKL_NUM_THREADS', 'MPLBACKEND', 'MPLCONFIGDIR', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'TMPDIR'] alive

import ctypes

environment = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
names = []
index = 0
while environment and environment[index]:
    names.append(environment[index].split(b"=")[0].decode())
    index += 1
sorted(names)
