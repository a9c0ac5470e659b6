# goal: call a method of the object that the host keeps its functions in
# technique: host_functions
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: a call of a function that was not lent"

progress.__self__.link.call("__class__", [], {})
