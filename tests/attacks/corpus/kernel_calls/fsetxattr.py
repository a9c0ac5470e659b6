# goal: store data beside an open file, which no limit counts
# technique: kernel_calls
# expect: ok 'EOPNOTSUPP' alive

from kernel import call

call("fsetxattr", 3, b"user.left", b"secret", 6, 0)
