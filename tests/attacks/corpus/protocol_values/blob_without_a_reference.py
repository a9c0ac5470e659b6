# goal: send a blob with a plain value
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: bytes that the value does not refer to"

from wire import done, send

send(done(b"1", bytes(1_000_000)))
