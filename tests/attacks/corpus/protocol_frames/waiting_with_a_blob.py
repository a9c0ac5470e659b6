# goal: send megabytes with a message that is not charged
# technique: protocol_frames
# field: host-forged-frame, host-flood
# expect: crashed Protocol "the guest broke the protocol: a waiting with a payload"

from wire import frame, send

send(frame({"type": "waiting", "seen": 0}, b"", b"x" * 1_000_000))
