# goal: read more than the host gave
# technique: stdin
# stdin: "one\n"
# expect: error EOFError "EOF when reading a line" alive

input()
input()
