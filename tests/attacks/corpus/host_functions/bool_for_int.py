# goal: pass True where the host asked for a number
# technique: host_functions
# trap: 8
# functions: add
# expect: error TypeError "add(): args.a: expected int, got bool True"

add(True)
