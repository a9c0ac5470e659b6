# goal: recurse through copy
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded" alive

import copy


class Deep:
    def __deepcopy__(self, memo):
        return copy.deepcopy(Deep(), memo)


copy.deepcopy(Deep())
