# goal: display a record that looks like a bundle
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a display that is not a bundle"

from wire import send, show

send(show(b'{"record":["dict","text/plain","x"]}'))
