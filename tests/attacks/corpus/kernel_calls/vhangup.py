# goal: hang up the host's terminal
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("vhangup")
