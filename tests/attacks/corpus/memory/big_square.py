# goal: square a number until it fills the memory
# technique: memory
# limits: memory=64MiB
# field: step-big-power
# expect: limit memory alive

number = 1 << 1_000_000
while number.bit_length() < 1 << 33:
    number = number << number.bit_length()
number.bit_length()
