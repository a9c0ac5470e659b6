# goal: read the host's terminal
# technique: stdin
# field: kernel-leaked-fd
# expect: error EOFError "EOF when reading a line" alive

input()
