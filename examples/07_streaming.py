"""See what a program prints, shows and reports while it runs.

Prints::

    stdout | reading
    50 % reading
    display: text/html, text/plain
    stdout | writing
    100 % done
    ok 42
"""

import ringfence

PROGRAM = """
class Table:
    def _repr_html_(self):
        return "<b>3 rows</b>"

print("reading")
progress(0.5, "reading")
display(Table())
print("writing")
progress(1.0, "done")
42
"""

with ringfence.Sandbox() as box:
    for event in box.stream(PROGRAM):
        match event:
            case ringfence.Output(stream=stream, text=text):
                print(f"{stream} | {text}", end="")
            case ringfence.Progress(fraction=fraction, message=message):
                print(f"{fraction or 0:.0%}".replace("%", " %"), message)
            case ringfence.Display(data=data):
                print("display:", ", ".join(sorted(data)))
            case ringfence.Result() as result:
                print(result.status, result.value)
