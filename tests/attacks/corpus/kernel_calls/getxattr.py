# goal: read what is stored beside a file of the host
# technique: kernel_calls
# expect: ok 'EOPNOTSUPP' alive

from kernel import call

call("getxattr", b"/", b"security.selinux", 0, 0)
