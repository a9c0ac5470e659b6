# goal: open a file by its handle
# technique: filesystem
# expect: crashed SIGSYS dead

from kernel import call

call("open_by_handle_at", -100, b"\x08\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0", 0)
