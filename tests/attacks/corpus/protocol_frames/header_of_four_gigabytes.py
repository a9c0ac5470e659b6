# goal: make the host set four gigabytes aside for a header
# technique: protocol_frames
# field: host-frame-length
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: a header of 4294967295 bytes"

from wire import frame, send

send(frame(b"{}", lengths=(2**32 - 1, 0, 0)))
