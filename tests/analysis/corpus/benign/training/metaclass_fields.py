"""A metaclass that gathers fields, as small form libraries do."""


class Field:
    def __init__(self, default=None):
        self.default = default


class Gathering(type):
    def __new__(mcs, name, bases, namespace):
        fields = {key: value for key, value in namespace.items() if isinstance(value, Field)}
        cls = super().__new__(mcs, name, bases, namespace)
        cls.fields = {**getattr(cls, "fields", {}), **fields}
        return cls


class Form(metaclass=Gathering):
    def __init__(self, **values):
        for key, field in self.fields.items():
            setattr(self, key, values.get(key, field.default))


class Stair(Form):
    steps = Field(12)
    rise = Field(0.17)
