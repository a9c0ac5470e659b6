# goal: become the program behind a descriptor of a file that may be read
# technique: threads_processes
# expect: ok None

import os

os.execve(os.open(os.__file__, os.O_RDONLY), ["x"], {})
