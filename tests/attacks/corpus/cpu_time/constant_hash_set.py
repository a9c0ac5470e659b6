# goal: fill a set with numbers that collide
# technique: cpu_time
# limits: wall=0.3
# field: step-hash-collision
# expect: limit wall

modulus = 2**61 - 1 if hash(2**61 - 1) == 0 else 2**31 - 1  # of hashes of numbers, 64 bits or 32
len({number * modulus for number in range(1, 10**6)})
