# goal: make a file with a call that a filter may forget
# technique: kernel_calls
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("creat", b"/box/tmp/made", 0o666)
