# goal: use descriptors that are no descriptors
# technique: filesystem
# needs: engine=wasi
# expect: ok ['Bad file descriptor'] alive

import os

answers = set()
for descriptor in (-1, 255, 256, 257, 1 << 20, (1 << 31) - 1, -(1 << 31)):
    for use in (os.close, os.fstat, lambda fd: os.read(fd, 10), lambda fd: os.write(fd, b"x")):
        try:
            use(descriptor)
            answers.add(f"{use} {descriptor}")
        except OSError as error:
            answers.add(error.strerror)
sorted(answers)
