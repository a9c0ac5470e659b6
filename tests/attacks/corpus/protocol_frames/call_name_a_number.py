# goal: call a function by a number
# technique: protocol_frames
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: name is not a short text"

from wire import call, send

send(call(0))
