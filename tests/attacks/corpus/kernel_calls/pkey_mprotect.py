# goal: protect memory with a key
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("pkey_mprotect", 0, 0, 0, -1)
