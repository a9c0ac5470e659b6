# goal: start a process that is the launcher's child
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("clone", 0x8011)
