# goal: recurse through sort keys
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded" alive

class Key:
    def __lt__(self, other):
        return sorted([Key(), Key()])[0] is self


sorted([Key(), Key()])
