# goal: recurse through __eq__
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded" alive

class Same:
    def __eq__(self, other):
        return [self] == [Same()]


[Same()] == [Same()]
