# goal: drown the host in keyword arguments, and its message in their names
# technique: host_functions
# functions: echo
# expect: error TypeError "echo(): args: expected (value: str), got an unknown argument str 'kkkkkkkkkkkkkkkkkkkkkkkkkkkk\u2026kkkkkkkkkkkkkkkkkkkkkkkkkkkk' (1001 characters)"

echo(**{"k" * 1_000 + str(number): "x" for number in range(1_000)})
