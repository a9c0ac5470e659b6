# goal: find the variables of the sandbox beside this one
# technique: randomness_and_isolation
# expect: ok [] alive

sorted(name for name in globals() if not name.startswith("__"))
