# goal: make a link that leads out of the scratch folder
# technique: kernel_calls
# field: kernel-links
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("symlink", b"/etc/passwd", b"/box/tmp/link")
