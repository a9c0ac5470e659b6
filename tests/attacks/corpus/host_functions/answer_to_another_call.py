# goal: take the answer to a call before it was asked
# technique: host_functions
# field: host-forged-id
# functions: echo lookup
# expect: ok 'alpha'

link = progress.__self__.link
link._next_id = 2**52
lookup("a")
