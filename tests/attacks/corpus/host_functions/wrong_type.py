# goal: pass a value of another type than the host declared
# technique: host_functions
# trap: 8
# functions: echo
# expect: error TypeError "echo(): args.value: expected str, got int 5"

echo(5)
