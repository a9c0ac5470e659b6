# goal: display under a media type of ten kilobytes
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a display that is not a bundle"

from wire import send, show

send(show(b'{"dict":["' + b"x" * 10_000 + b'","x"]}'))
