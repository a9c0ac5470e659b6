# goal: list what is stored beside the root folder
# technique: kernel_calls
# expect: ok 'EOPNOTSUPP' alive

from kernel import call

call("listxattr", b"/", 0, 0)
