# goal: make the host set four gigabytes aside for a body
# technique: protocol_frames
# field: host-frame-length
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: a frame of 4294967295 bytes; at most 67174400"

from wire import frame, send

send(frame({"type": "done"}, lengths=(16, 2**32 - 1, 0)))
