# goal: overflow the counter of calls
# technique: host_functions
# field: host-forged-id
# functions: lookup
# expect: crashed Protocol "the guest broke the protocol: id is not a small natural number"

progress.__self__.link._next_id = 2**53
lookup("a")
