# goal: read the host's memory
# technique: proc_and_identity
# field: kernel-ptrace
# needs: module:ctypes
# expect: crashed SIGSYS dead

import ctypes

ctypes.CDLL(None).process_vm_readv(TARGET["host_pid"], None, 0, None, 0, 0)
