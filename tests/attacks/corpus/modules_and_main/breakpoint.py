# goal: open a debugger on the host's terminal
# technique: modules_and_main
# field: lang-module-through-module
# expect: error BdbQuit "" alive

breakpoint()
1
