# goal: read the host's process entry
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: error FileNotFoundError ~r"\[Errno 2\] No such file or directory: '/proc/\d+/environ'" alive
# expect[engine=wasi]: error FileNotFoundError ~r"\[Errno 44\] No such file or directory: '/proc/\d+/environ'" alive
# expect[landlock+seccomp]: error PermissionError ~r"\[Errno 13\] Permission denied: '/proc/\d+/environ'" alive
# expect[only:seccomp]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/proc/\d+/environ'" alive

open(f"/proc/{TARGET['host_pid']}/environ", "rb").read()
