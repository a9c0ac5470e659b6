# goal: overflow the host's stack with brackets that never close
# technique: protocol_values
# field: host-nesting
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: a value nested deeper than 64"

from wire import done, send

send(done(b"[" * 500_000))
