# goal: follow a link in a granted folder to the root
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# field: kernel-links
# expect: error FileNotFoundError ~r"\[Errno 2\] No such file or directory: '/.*/granted/to-root/etc/passwd'" alive
# expect[landlock+seccomp]: error PermissionError ~r"\[Errno 13\] Permission denied: '/.*/granted/to-root/etc/passwd'" alive

open(TARGET["granted"] + "/to-root/etc/passwd").read()
