# goal: use a descriptor of the zygote, such as that of /proc
# technique: filesystem
# expect: ok ['Bad file descriptor', 'Not a directory'] alive
# expect[engine=wasi]: ok ['Bad file descriptor', 'No such file or directory'] alive
# expect[only:seccomp]: ok ['Operation not permitted'] alive

import os

answers = set()
for descriptor in range(3, 1024):
    try:
        answers.add(os.open("self/maps", os.O_RDONLY, dir_fd=descriptor))
    except OSError as error:
        answers.add(error.strerror)
sorted(answers)
