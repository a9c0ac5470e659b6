# goal: keep the host busy with many calls, each of them short
# technique: host_functions
# trap: 11
# functions: pause
# limits: host_wall=0.3
# expect: limit host_wall "the guest reached its limit host_wall=0.3 s"

for _ in range(100):
    pause(0.05)
