# goal: confuse the host with a dict in which NaN is a key many times
# technique: host_functions
# functions: echo_dict
# expect: error TypeError "echo_dict(): args.value{key}: expected str, got float nan"

echo_dict({float("nan"): 1.0 for _ in range(3)})
