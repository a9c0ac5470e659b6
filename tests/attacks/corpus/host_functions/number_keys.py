# goal: pass keys of another type
# technique: host_functions
# functions: echo_dict
# expect: error TypeError "echo_dict(): args.value{key}: expected str, got int 1"

echo_dict({1: 1.0})
