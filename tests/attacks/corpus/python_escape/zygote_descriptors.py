# goal: use any descriptor that the zygote held
# technique: python_escape
# field: kernel-leaked-fd
# needs: engine=native
# expect: ok [0, 1, 2, 3]

import os


def is_open(number):
    try:
        os.get_inheritable(number)
    except OSError:
        return False
    return True


[number for number in range(1024) if is_open(number)]
