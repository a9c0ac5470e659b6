# goal: run a program in a terminal
# technique: threads_processes
# needs: no:only:seccomp module:termios
# expect: error OSError 'out of pty devices' alive

import pty

pty.spawn(["/bin/true"])
