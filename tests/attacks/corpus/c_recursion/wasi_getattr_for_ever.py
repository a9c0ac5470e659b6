# goal: recurse through __getattr__
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded" alive

class Loop:
    def __getattr__(self, name):
        return getattr(self, name + "x")


Loop().a
