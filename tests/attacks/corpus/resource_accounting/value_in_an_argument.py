# goal: pass more than may cross to a host function
# technique: resource_accounting
# functions: echo_bytes
# limits: value=1MiB
# expect: limit value alive

len(echo_bytes(bytes(2 << 20)))
