# goal: run a program in a terminal
# technique: threads_processes
# expect: ok None

import pty

pty.spawn(["/bin/true"])
