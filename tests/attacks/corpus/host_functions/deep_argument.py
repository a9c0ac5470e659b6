# goal: make the host recurse by an argument that is nested a thousand deep
# technique: host_functions
# field: host-nesting
# functions: echo_list
# expect: error EncodeError "the value is nested deeper than 64, or contains itself"

value = []
for _ in range(1_000):
    value = [value]
echo_list(value)
