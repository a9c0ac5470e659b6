# goal: give a link to another user
# technique: kernel_calls
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("lchown", b"/box/tmp", -1, -1)
