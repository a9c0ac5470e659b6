# goal: have a descriptor whose number is beyond the limit, which grows the kernel's table
# technique: resource_accounting
# expect: ok 'EBADF' alive

from kernel import call

call("dup2", 0, 1 << 20)
