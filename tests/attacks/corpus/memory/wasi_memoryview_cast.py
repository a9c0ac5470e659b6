# goal: read beyond a buffer by a cast
# technique: memory
# needs: engine=wasi
# expect: error ValueError "memoryview.cast(): product(shape) > SSIZE_MAX" alive

memoryview(bytes(16)).cast("B", shape=[1 << 31 - 1, 2])
