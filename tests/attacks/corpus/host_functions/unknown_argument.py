# goal: set an argument that the function does not have
# technique: host_functions
# functions: echo
# expect: error TypeError "echo(): args: expected (value: str), got an unknown argument str 'self'"

echo("x", self="y")
