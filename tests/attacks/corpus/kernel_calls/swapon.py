# goal: add swap space of one's own
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("swapon", b"/box/tmp/swap", 0)
