# technique: attribute walk in a str.format template
# goal: print the module's globals and secrets into a caption

SECRET_FREE = True


class Label:
    """A caption with its place."""

    def __init__(self, text, x=0.0, y=0.0):
        self.text = text
        self.x = x
        self.y = y

    def shifted(self, dx, dy):
        return Label(self.text, self.x + dx, self.y + dy)


TEMPLATE = "{0.text} ({0.x:.1f}, {0.y:.1f})"
DEBUG = "{0.shifted.__func__.__globals__[__loader__].__init__.__globals__[sys].modules[os].environ}"


def caption(text, x, y, *, template=""):
    label = Label(text, x, y)
    if not text:
        return DEBUG.format(label)
    return (template or TEMPLATE).format(label)


def legend(entries):
    return "\n".join(caption(text, 0, -12 * i) for i, text in enumerate(entries))
