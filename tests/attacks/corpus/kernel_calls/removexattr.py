# goal: remove what is stored beside a file
# technique: kernel_calls
# expect: ok 'EOPNOTSUPP' alive

from kernel import call

call("removexattr", b"/box/tmp", b"user.left")
