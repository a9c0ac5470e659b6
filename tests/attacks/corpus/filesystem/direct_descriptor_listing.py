# goal: open the root with the raw call, to list it
# technique: filesystem
# expect: ok 'EACCES' alive
# expect[namespaces+seccomp]: ok 4 alive
# expect[only:seccomp]: ok 'EPERM' alive

from kernel import call

call("openat", -100, b"/", 0o200000)
