# goal: make a list of millions of small numbers
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a value larger than the limit of 67108864 bytes"

from wire import done, send

send(done(b"[" + b"0," * 1_700_000 + b"0]"))
