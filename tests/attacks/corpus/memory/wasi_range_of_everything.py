# goal: have a length that is no length
# technique: memory
# needs: engine=wasi
# expect: error OverflowError "Python int too large to convert to C ssize_t" alive

len(range(1 << 31))
