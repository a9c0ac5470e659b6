# goal: lose what one of two writers appends
# technique: filesystem
# needs: engine=wasi
# expect: ok 2000 alive

import os

flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
one, two = os.open("f", flags), os.open("f", flags)
for _ in range(1000):
    os.write(one, b"1")
    os.write(two, b"2")
os.stat("f").st_size
