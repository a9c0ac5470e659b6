# goal: learn the handle and mount of a file
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("name_to_handle_at", -100, b"/", b"\x80" + b"\0" * 140, b"\0" * 8, 0)
