# goal: make a class with attributes that collide
# technique: cpu_time
# limits: wall=0.3
# field: step-hash-collision
# expect: limit wall

table = {}
for number in range(10**6):
    table[1.0 * number * 2**80 if number % 2 else number * (2**61 - 1)] = None
len(table)
