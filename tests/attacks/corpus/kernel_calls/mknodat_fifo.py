# goal: make a pipe with a name
# technique: kernel_calls
# field: kernel-links
# expect: ok 'EPERM' alive

from kernel import call

call("mknodat", -100, b"/box/tmp/pipe", 0o10666, 0)
