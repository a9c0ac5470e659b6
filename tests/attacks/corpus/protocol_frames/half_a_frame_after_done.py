# goal: leave the beginning of a frame for the next turn
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: bytes after the end of the turn"

from wire import done, send

send(done(b"1"), b"\0")
