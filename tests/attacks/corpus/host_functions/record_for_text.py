# goal: have a record taken for text
# technique: host_functions
# functions: echo
# expect: error TypeError "echo(): args.value: expected str, got an object of type 'str'"

import dataclasses


@dataclasses.dataclass
class str_:
    value: str = "x"


str_.__qualname__ = "str"
echo(str_())
