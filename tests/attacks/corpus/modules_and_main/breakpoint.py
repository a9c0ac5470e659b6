# goal: open a debugger on the host's terminal
# technique: modules_and_main
# field: lang-module-through-module
# expect[only:seccomp]: ok 1
# expect: error BdbQuit "" alive

breakpoint()
1
