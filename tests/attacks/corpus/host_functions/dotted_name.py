# goal: reach an attribute of a lent function by a dotted name
# technique: host_functions
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: a call of a function that was not lent"

progress.__self__.link.call("echo.__globals__.get", ["os"], {})
