# goal: open a file of the host by its handle, past the mount tree
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("open_by_handle_at", 3, b"\0" * 32, 0)
