# goal: tell from an error what the host's table holds
# technique: host_functions
# trap: 9
# functions: lookup
# expect: error HostFunctionError "lookup"

lookup("__class__")
