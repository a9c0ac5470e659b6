# goal: store data beside a link, which no limit counts
# technique: kernel_calls
# expect: ok 'EOPNOTSUPP' alive

from kernel import call

call("lsetxattr", b"/box/tmp", b"user.left", b"secret", 6, 0)
