# goal: return a list that contains itself
# technique: protocol_values
# field: host-nesting
# expect: error EncodeError "the value is nested deeper than 64, or contains itself"

value = []
value.append(value)
value
