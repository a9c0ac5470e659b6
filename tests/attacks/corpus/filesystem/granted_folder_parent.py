# goal: climb from a granted folder to the one above
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# expect: error FileNotFoundError ~r"\[Errno 2\] No such file or directory: '/.*/granted/\.\./secret\.txt'" alive
# expect[landlock+seccomp]: error PermissionError ~r"\[Errno 13\] Permission denied: '/.*/granted/\.\./secret\.txt'" alive

open(TARGET["granted"] + "/../secret.txt").read()
