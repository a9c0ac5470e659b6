# goal: drown the host in positional arguments
# technique: host_functions
# functions: echo
# expect: error TypeError "echo(): args: expected at most 1 positional argument, got 10000"

echo(*["x"] * 10_000)
