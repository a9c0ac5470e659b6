# goal: pass more than the limit on values
# technique: host_functions
# functions: echo
# limits: value=1MiB
# expect: limit value "the value is larger than 1048576 bytes"

echo("x" * (1 << 21))
