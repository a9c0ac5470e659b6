# goal: make the host turn Decimal("1e4000000") into a whole number, which takes seconds
# technique: host_functions
# trap: 8
# functions: add
# expect: crashed Protocol "the guest broke the protocol: not a Decimal"

from wire import call, send

send(call("add", b'[[{"decimal":"1E4000000"}],null]'))
