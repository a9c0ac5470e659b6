# goal: make exactly as many calls as are allowed: the control of the attacks on calls
# technique: resource_accounting
# functions: add
# limits: calls=100
# expect: ok 100 alive

for number in range(100):
    last = add(number)
last
