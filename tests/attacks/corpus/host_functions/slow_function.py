# goal: keep the host in one function past its limit
# technique: host_functions
# trap: 10
# functions: pause
# limits: host_wall=0.2
# expect: limit host_wall "the guest reached its limit host_wall=0.2 s"

pause(0.5)
