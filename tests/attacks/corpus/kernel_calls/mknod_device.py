# goal: make a device
# technique: kernel_calls
# field: kernel-links
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("mknod", b"/box/tmp/memory", 0o20666, 0x101)
