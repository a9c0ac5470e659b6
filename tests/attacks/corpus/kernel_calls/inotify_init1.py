# goal: hear of changes to files
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("inotify_init1", 0)
