# goal: learn the host's memory, load and number of processes
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("sysinfo", b"\0" * 128)
