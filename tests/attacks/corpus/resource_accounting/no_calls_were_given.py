# goal: call the host where no call was given
# technique: resource_accounting
# functions: add
# limits: calls=0
# expect: limit calls alive

add(1)
