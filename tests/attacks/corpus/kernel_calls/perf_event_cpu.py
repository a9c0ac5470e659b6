# goal: watch a processor, and whatever runs on it
# technique: kernel_calls
# field: kernel-perf
# expect: crashed SIGSYS dead

from kernel import call

call("perf_event_open", b"\0\0\0\0\x70" + b"\0" * 110, -1, 0, -1, 0)
