# goal: call with a third part beside positional and named arguments
# technique: protocol_frames
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: a call without arguments"

from wire import call, send

send(call("echo", b'[["x"],null,{"dict":["timeout",0]}]'))
