# goal: make JSON of a megabyte take a hundred in memory
# technique: protocol_values
# field: host-lying-size
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: a value larger than the limit of 67108864 bytes"

from wire import done, send

send(done(b"[" + b"[]," * 700_000 + b"[]]"))
