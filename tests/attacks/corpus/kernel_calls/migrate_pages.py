# goal: move a process to other memory nodes
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("migrate_pages", 1, 0, 0, 0)
