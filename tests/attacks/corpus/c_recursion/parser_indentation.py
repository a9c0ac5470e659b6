# goal: overflow the parser by indentation
# technique: c_recursion
# field: step-c-recursion
# expect: error IndentationError ~"too many levels of indentation.*"

exec("\n".join(" " * n + "if 1:" for n in range(1_000)) + "\n" + " " * 1_000 + "pass")
