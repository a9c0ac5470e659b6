# goal: call the host when the turn is over
# technique: protocol_frames
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: a frame after the end of the turn"

from wire import call, done, send

send(done(b"1"), call("echo", b'[["x"],null]'))
