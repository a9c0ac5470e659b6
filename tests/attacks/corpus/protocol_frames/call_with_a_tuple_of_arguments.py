# goal: call with a tuple in place of the list of arguments
# technique: protocol_frames
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: a call without arguments"

from wire import call, send

send(call("echo", b'[{"tuple":["x"]},null]'))
