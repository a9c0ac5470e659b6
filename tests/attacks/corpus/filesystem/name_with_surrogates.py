# goal: pass a name that is no text
# technique: filesystem
# expect: error FileNotFoundError "[Errno 2] No such file or directory: b'/etc/passwd\\xff'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: b'/etc/passwd\\xff'" alive
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted: b'/etc/passwd\\xff'" alive

open(b"/etc/passwd\xff").read()
