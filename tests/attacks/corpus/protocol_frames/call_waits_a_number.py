# goal: pass 1 for a flag
# technique: protocol_frames
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: waits is not a boolean"

from wire import call, send

send(call("echo", b'[["x"],null]', waits=1))
