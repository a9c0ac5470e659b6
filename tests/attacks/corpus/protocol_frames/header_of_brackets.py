# goal: overflow the host's stack with a header of thirty thousand brackets
# technique: protocol_frames
# field: host-nesting
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: a header that is not flat"

from wire import frame, send

send(frame(b"[" * 30_000 + b"]" * 30_000))
