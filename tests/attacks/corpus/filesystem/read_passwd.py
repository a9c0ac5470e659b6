# goal: read the host's list of users
# technique: filesystem
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/etc/passwd'"

open("/etc/passwd").read()
