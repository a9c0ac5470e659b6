class Repr:
    """Shows what an object holds."""

    def __repr__(self):
        shown = ", ".join(f"{key}={value!r}" for key, value in vars(self).items())
        return "{}({})".format(self.__class__.__name__, shown)

    def __eq__(self, other):
        return self.__class__ is other.__class__ and self.__dict__ == other.__dict__

    def __hash__(self):
        return hash(tuple(sorted(self.__dict__.items())))


class Point(Repr):
    def __init__(self, x, y):
        self.x, self.y = x, y
