# goal: overflow the compiler by a long chain of elif
# technique: c_recursion
# limits: wall=60 cpu=60
# field: step-c-recursion
# expect: limit memory ~".*"

exec("if 0: pass\n" + "elif 0: pass\n" * 100_000)
