# goal: use more of the processor than was given
# technique: cpu_time
# limits: wall=9 cpu=0.3
# expect: limit cpu alive

while True:
    pass
