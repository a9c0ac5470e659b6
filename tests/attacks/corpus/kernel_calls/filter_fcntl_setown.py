# goal: have the kernel signal another process when input arrives
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("fcntl", 3, 8, 1)
