# goal: have the kernel signal another process
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("ioctl", 3, 0x8901, b"\x01\0\0\0")
