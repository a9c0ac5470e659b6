# goal: store data beside a file, which no limit counts
# technique: kernel_calls
# expect: ok 'EOPNOTSUPP' alive

from kernel import call

call("setxattr", b"/box/tmp", b"user.left", b"secret", 6, 0)
