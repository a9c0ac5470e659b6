# goal: give a file a second name
# technique: kernel_calls
# field: kernel-links
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("link", b"/box/tmp", b"/box/tmp/second")
