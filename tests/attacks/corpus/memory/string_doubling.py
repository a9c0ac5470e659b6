# goal: double a string until something gives
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

text = "x"
while len(text) < 1 << 40:
    text += text
len(text)
