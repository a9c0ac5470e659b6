# goal: ask the host for a line of stdin that it never offered
# technique: host_functions
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: a call of a function that was not lent"

progress.__self__.link.call("input", [], {})
