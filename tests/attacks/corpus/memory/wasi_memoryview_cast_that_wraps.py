# goal: read beyond a buffer by a shape whose product wraps
# technique: memory
# needs: engine=wasi
# expect: error ValueError "memoryview.cast(): product(shape) > SSIZE_MAX" alive

memoryview(bytes(16)).cast("B", shape=[65536, 65536, 16])
