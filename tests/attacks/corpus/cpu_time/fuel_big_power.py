# goal: compute a number of fifty million digits in one step of a program
# technique: cpu_time
# needs: limit:fuel
# field: step-big-power
# limits: fuel=50000000
# expect: limit fuel "the guest reached its limit fuel=50,000,000" dead

3 ** 10**8 > 0
