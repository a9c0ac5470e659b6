# goal: move another process's memory
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("move_pages", 1, 0, 0, 0, 0, 0)
