# goal: make the host reduce a Fraction of large numbers
# technique: host_functions
# trap: 8
# functions: echo_fraction
# expect: crashed Protocol "the guest broke the protocol: a Fraction that is too long"

from wire import call, send

send(call("echo_fraction", b'[[{"fraction":[{"int":8000},{"int":8000}]}],null]', b"\x7f" * 16_000))
