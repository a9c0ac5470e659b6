# goal: load a library the old way
# technique: kernel_calls
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("uselib", b"/bin/sh")
