# goal: overflow the sum of the lengths of body and blob
# technique: protocol_frames
# field: host-frame-length
# expect: crashed Protocol "the guest broke the protocol: a frame of 8589934590 bytes; at most 67174400"

from wire import frame, send

send(frame({"type": "done"}, lengths=(16, 2**32 - 1, 2**32 - 1)))
