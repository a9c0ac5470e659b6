# goal: overflow the host's stack with nested lists
# technique: protocol_values
# field: host-nesting
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: a value nested deeper than 64"

from wire import done, send

send(done(b"[" * 100_000 + b"]" * 100_000))
