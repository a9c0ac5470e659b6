# goal: change times with a call that a filter may forget
# technique: kernel_calls
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("utimes", b"/box/tmp", 0)
