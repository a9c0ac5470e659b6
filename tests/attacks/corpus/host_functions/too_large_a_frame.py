# goal: pass more than the limit on values with a frame of the guest's own
# technique: host_functions
# field: host-frame-length
# functions: echo
# limits: value=1MiB display=1MiB
# expect: crashed Protocol "the guest broke the protocol: a frame of 6000024 bytes; at most 2162688"

from wire import call, send

send(call("echo", b'[[{"str":6000000}],null]', b"x" * 6_000_000))
