# goal: open with flags that mean nothing
# technique: filesystem
# needs: engine=wasi
# expect: ok True alive

import os

answers = set()
for flag in range(31):
    try:
        os.close(os.open("f", os.O_CREAT | os.O_RDWR | 1 << flag))
        answers.add("opened")
    except OSError as error:
        answers.add(error.errno)
"opened" in answers
