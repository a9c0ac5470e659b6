# goal: make a file system with the new mount API
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("fsopen", b"tmpfs", 0)
