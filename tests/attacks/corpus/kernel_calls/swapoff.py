# goal: take the machine's swap space away
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("swapoff", b"/box/tmp/swap")
