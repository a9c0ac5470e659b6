# goal: read more lines than the host has
# technique: stdin
# stdin: ask
# expect: error EOFError "EOF when reading a line" alive

(input(), input(), input())
