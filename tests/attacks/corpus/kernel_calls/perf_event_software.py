# goal: count events of the whole machine
# technique: kernel_calls
# field: kernel-perf
# expect: crashed SIGSYS dead

from kernel import call

call("perf_event_open", b"\x01\0\0\0\x70" + b"\0" * 110, 0, -1, -1, 0)
