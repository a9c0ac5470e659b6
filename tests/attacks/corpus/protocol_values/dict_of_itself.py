# goal: return a dict that is a value of its own
# technique: protocol_values
# field: host-nesting
# expect: error EncodeError "the value is nested deeper than 64, or contains itself"

value = {}
value["self"] = value
value
