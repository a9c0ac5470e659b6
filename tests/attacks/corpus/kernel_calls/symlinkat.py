# goal: make a link that leads out of the scratch folder
# technique: kernel_calls
# field: kernel-links
# expect: ok 'EPERM' alive

from kernel import call

call("symlinkat", b"/etc/passwd", -100, b"/box/tmp/link")
