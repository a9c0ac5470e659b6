# goal: send a frame that is one byte longer than the host takes
# technique: protocol_frames
# field: host-frame-length
# limits: value=1MiB display=1MiB
# expect: crashed Protocol "the guest broke the protocol: a frame of 2162689 bytes; at most 2162688"

from wire import frame, send

send(frame({"type": "done"}, lengths=(16, 0, 2_162_689)))
