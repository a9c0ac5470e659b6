# goal: return the same megabyte a thousand times over
# technique: protocol_values
# field: host-lying-size
# expect: limit value "the value is larger than 67108864 bytes"

["x" * 1_000_000] * 1_000
