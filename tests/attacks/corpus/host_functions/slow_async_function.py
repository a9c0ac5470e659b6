# goal: keep the host waiting for a function that never ends
# technique: host_functions
# trap: 10
# functions: pause_async
# limits: host_wall=0.2
# expect: limit host_wall "the guest reached its limit host_wall=0.2 s"

await pause_async(60)
