# goal: return a value whose parts are shared in memory and multiply when they are sent
# technique: protocol_values
# field: host-nesting
# limits: value=1MiB
# expect: limit value "the value has too many items for a limit of 1048576 bytes"

value = []
for _ in range(60):
    value = [value, value]
value
