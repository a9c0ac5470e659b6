# goal: display bytes under a type that they are not
# technique: output_and_display
# trap: 15
# expect: ok None

class Page:
    def _repr_mimebundle_(self):
        return {"image/png": b"<script>", "../../etc": "x", "text/html\r\nSet-Cookie: a": "b"}

    def __repr__(self):
        return "x"


display(Page())
