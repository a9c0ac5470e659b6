# goal: give a file to another user
# technique: kernel_calls
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("chown", b"/box/tmp", -1, -1)
