# goal: grow a set
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

numbers = set()
while len(numbers) < 10**8:
    numbers.add(len(numbers))
len(numbers)
