# goal: follow a link in a granted folder to a file that was not granted
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# field: kernel-links
# expect: error FileNotFoundError ~r"\[Errno 2\] No such file or directory: '/.*/granted/to-secret'" alive
# expect[landlock+seccomp]: error PermissionError ~r"\[Errno 13\] Permission denied: '/.*/granted/to-secret'" alive

open(TARGET["granted"] + "/to-secret").read()
