# goal: read or bend the machine's clock
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("adjtimex", b"\0" * 208)
