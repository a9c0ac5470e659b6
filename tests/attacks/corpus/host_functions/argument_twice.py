# goal: give one argument twice
# technique: host_functions
# functions: echo
# expect: error TypeError "echo(): args.value: expected one value, got one by position and one by name"

echo("x", value="y")
