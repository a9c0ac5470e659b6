# goal: hear of every file that anybody opens
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("fanotify_init", 0, 0)
