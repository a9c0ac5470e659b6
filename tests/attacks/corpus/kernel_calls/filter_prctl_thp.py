# goal: choose huge pages for the whole process
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("prctl", 41, 1, 0, 0, 0)
