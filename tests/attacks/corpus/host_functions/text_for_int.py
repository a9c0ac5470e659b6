# goal: have text of a number turned into a number by the host
# technique: host_functions
# trap: 8
# functions: add
# expect: error TypeError "add(): args.a: expected int, got str '9999999999999999999999999999\u20269999999999999999999999999999' (4000 characters)"

add("9" * 4000)
