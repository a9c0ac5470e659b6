# goal: have two sizes overflow in 32 bits when they are added
# technique: memory
# needs: engine=wasi
# expect: limit memory alive

b"x" * ((1 << 30) + 1) + b"y" * ((1 << 30) + 1)
