# goal: cut a checked path short with a NUL
# technique: filesystem
# expect: error ValueError 'embedded null byte' alive

open("/etc/passwd\0.txt").read()
