# goal: write into a folder that was granted for reading
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# expect: error OSError ~r"\[Errno 30\] Read-only file system: '/.*/granted/public\.txt'" alive
# expect[landlock+seccomp]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/granted/public\.txt'" alive

open(TARGET["granted"] + "/public.txt", "w").write("x")
