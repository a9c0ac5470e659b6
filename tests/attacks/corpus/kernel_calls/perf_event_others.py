# goal: watch another process
# technique: kernel_calls
# field: kernel-perf
# expect: crashed SIGSYS dead

from kernel import call

call("perf_event_open", b"\x01\0\0\0\x70" + b"\0" * 110, 1, -1, -1, 0)
