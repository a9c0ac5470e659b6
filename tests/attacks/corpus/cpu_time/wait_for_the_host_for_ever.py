# goal: wait for one host call that takes too long
# technique: cpu_time
# limits: wall=0.3 host_wall=0.3
# functions: pause_async
# trap: 10, 11
# expect: limit host_wall alive

await pause_async(60.0)
