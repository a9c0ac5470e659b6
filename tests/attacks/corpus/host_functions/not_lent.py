# goal: call a function of the host that was not lent
# technique: host_functions
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: a call of a function that was not lent"

progress.__self__.link.call("lookup", ["a"], {})
