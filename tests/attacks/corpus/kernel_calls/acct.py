# goal: have every process logged to a file
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("acct", b"/box/tmp/log")
