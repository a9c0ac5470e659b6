# goal: read a file of the host that every user may read
# technique: filesystem
# expect: error FileNotFoundError ~"\\[Errno 2\\] No such file or directory: '.*/secret.txt'"

open(TARGET["secret_file"]).read()
