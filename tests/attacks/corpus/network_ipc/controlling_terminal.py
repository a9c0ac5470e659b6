# goal: open the terminal of the host
# technique: network_ipc
# field: kernel-tiocsti
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/dev/tty'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/dev/tty'" alive
# expect[landlock+seccomp]: error PermissionError "[Errno 13] Permission denied: '/dev/tty'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: '/dev/tty'" alive

open("/dev/tty")
