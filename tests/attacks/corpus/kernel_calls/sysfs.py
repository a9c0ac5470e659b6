# goal: list the kernel's file systems
# technique: kernel_calls
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("sysfs", 3)
