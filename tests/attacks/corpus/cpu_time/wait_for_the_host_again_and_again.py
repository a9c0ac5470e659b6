# goal: spend the host's time in many short calls
# technique: cpu_time
# limits: wall=0.3 host_wall=0.3
# functions: pause
# trap: 11
# expect: limit host_wall alive

for _ in range(12):
    pause(0.1)
"twelve calls"
