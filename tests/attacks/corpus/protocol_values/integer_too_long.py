# goal: make the host hold an integer of a megabyte
# technique: protocol_values
# field: host-lying-size
# trap: 8
# expect: crashed Protocol "the guest broke the protocol: an integer that is too long"

from wire import done, send

send(done(b'{"int":1000000}', b"\1" * 1_000_000))
