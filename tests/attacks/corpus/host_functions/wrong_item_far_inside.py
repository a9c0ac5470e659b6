# goal: make the host quote a million items in its complaint
# technique: host_functions
# functions: echo_list
# expect: error TypeError "echo_list(): args.value[100000]: expected int, got str 'xxxxxxxxxxxxxxxxxxxxxxxxxxxx\u2026xxxxxxxxxxxxxxxxxxxxxxxxxxxx' (1000 characters)"

echo_list([0] * 100_000 + ["x" * 1_000])
