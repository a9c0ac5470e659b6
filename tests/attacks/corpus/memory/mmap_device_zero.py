# goal: map /dev/zero instead of anonymous memory
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok 'ENOENT' alive
# expect[no:namespaces]: ok 'EPERM' alive

from kernel import call

call("openat", -100, b"/dev/zero", 2, 0)
