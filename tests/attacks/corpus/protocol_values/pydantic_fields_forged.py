# goal: have an object taken for a model of the host's library
# technique: protocol_values
# expect: ok Record(type_name='Evil', fields={'a': 1})

class Evil:
    __pydantic_fields__ = {"a": None}
    a = 1


Evil()
