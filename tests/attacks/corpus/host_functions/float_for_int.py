# goal: pass a float where the host asked for a whole number
# technique: host_functions
# trap: 8
# functions: add
# expect: error TypeError "add(): args.a: expected int, got float 1.0"

add(1.0)
