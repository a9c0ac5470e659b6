# goal: make a set quadratic with integers that hash alike
# technique: hash_collisions
# field: step-hash-collision
# limits: wall=0.5
# needs: engine=native
# expect: limit wall "the guest reached its limit wall=0.5 s"

prime = (1 << 61) - 1
len({number * prime for number in range(200_000)})
