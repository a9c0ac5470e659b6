# goal: map a scratch file, which is memory that RLIMIT_DATA does not count
# technique: memory
# limits: memory=64MiB disk=8MiB
# needs: disk module:mmap
# trap: 4
# expect: crashed SIGBUS dead

import mmap

with open("file", "wb+") as file:
    file.truncate(8 << 20)
    first = mmap.mmap(file.fileno(), 8 << 20)
with open("other", "wb+") as file:
    file.truncate(8 << 20)
    second = mmap.mmap(file.fileno(), 8 << 20)
for page in range(0, 8 << 20, 4096):
    first[page] = 1
    second[page] = 1
"filled twice the limit"
