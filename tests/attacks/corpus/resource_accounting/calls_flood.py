# goal: call the host without end
# technique: resource_accounting
# functions: add
# limits: calls=100
# field: host-flood
# expect: limit calls alive

while True:
    add(1)
