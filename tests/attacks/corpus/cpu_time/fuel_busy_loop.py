# goal: compute for ever, within the time that there is
# technique: cpu_time
# needs: limit:fuel
# limits: fuel=50000000
# expect: limit fuel "the guest reached its limit fuel=50,000,000" dead

while True:
    pass
