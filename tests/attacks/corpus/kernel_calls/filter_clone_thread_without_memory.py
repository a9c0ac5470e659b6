# goal: start a thread that only half is one: no CLONE_SYSVSEM
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("clone", 0x3D0F00 & ~0x40000)
