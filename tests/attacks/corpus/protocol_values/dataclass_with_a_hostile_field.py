# goal: run code while a dataclass is sent
# technique: protocol_values
# expect: error SystemError "mine"

import dataclasses


@dataclasses.dataclass
class Evil:
    field: int = 0

    def __getattribute__(self, name):
        if name == "field":
            raise SystemError("mine")
        return object.__getattribute__(self, name)


Evil()
