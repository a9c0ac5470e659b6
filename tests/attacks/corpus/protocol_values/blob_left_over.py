# goal: send bytes that nothing refers to
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: bytes that the value does not refer to"

from wire import done, send

send(done(b'{"bytes":4}', bytes(10)))
