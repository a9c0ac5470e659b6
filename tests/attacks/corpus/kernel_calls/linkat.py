# goal: give the file behind a descriptor a name
# technique: kernel_calls
# field: kernel-links
# expect: ok 'EPERM' alive

from kernel import call

call("linkat", 3, b"", -100, b"/box/tmp/second", 0x1000)
