# goal: call the host more often than the limit allows
# technique: host_functions
# functions: echo
# limits: calls=10
# expect: limit calls "the guest reached its limit calls=10"

for number in range(11):
    echo(str(number))
