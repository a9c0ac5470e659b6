# goal: make the host look for a common divisor for seconds
# technique: protocol_values
# field: host-lying-size
# trap: 8
# expect: crashed Protocol "the guest broke the protocol: a Fraction that is too long"

from wire import done, send

send(done(b'{"fraction":[{"int":60000},{"int":60000}]}', b"\x55" * 120_000))
