# goal: use a buffer after it was freed
# technique: memory
# needs: engine=wasi
# expect: error BufferError "Existing exports of data: object cannot be re-sized" alive

data = bytearray(100)
view = memoryview(data)
data.clear()
