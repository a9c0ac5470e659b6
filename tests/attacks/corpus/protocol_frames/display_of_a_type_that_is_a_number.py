# goal: display under a media type that is a number
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a display that is not a bundle"

from wire import send, show

send(show(b'{"dict":[5,"x"]}'))
