# goal: make a file in a folder that was granted for reading
# technique: filesystem
# grant: folder
# needs: no:only:seccomp
# expect: error OSError ~r"\[Errno 30\] Read-only file system: '/.*/granted/planted'" alive
# expect[landlock+seccomp]: error PermissionError ~r"\[Errno 1\] Operation not permitted: '/.*/granted/planted'" alive

open(TARGET["granted"] + "/planted", "w").write("x")
