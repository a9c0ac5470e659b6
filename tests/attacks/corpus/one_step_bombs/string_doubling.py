# goal: take a gigabyte by a few operators
# technique: one_step_bombs
# field: step-string-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive

text = "x"
while True:
    text += text
