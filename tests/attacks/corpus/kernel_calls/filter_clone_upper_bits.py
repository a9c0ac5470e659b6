# goal: hide flags where the filter might not look: in the upper half of the register
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("clone", 17 | 1 << 40)
