# goal: display a number where text or bytes must be
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a display that is not a bundle"

from wire import send, show

send(show(b'{"dict":["text/plain",5]}'))
