# goal: fill a text with zeros
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive
# expect[engine=wasi]: error OverflowError "Python int too large to convert to C ssize_t" alive

len("1".zfill(10**10))
