# goal: move the marks of one's own memory map
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("prctl", 35, 6, 0, 0, 0)
