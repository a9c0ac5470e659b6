"""What a program shows: its last value as a notebook would show it, kept as files and as a page.

HTML and SVG that a guest wrote are programs for a browser. ``write_displays`` never writes them as
such: ``index.html`` shows them in frames that run nothing and fetch nothing.

Prints::

    {'city': ['Oslo', 'Rome'], 'rain': array([5, 2])}
    ['text/html', 'text/plain']
    ['text/html', 'text/plain']
    3 displays so far, 0 dropped
    display-1-html.txt display-1.txt display-2-html.txt display-2.txt display-3.txt index.html
    a script of the guest's in the page: False
"""

import tempfile

import ringfence

with ringfence.Sandbox(packages=["numpy", "pandas"]) as box:
    # A table crosses as its columns (the labels of its rows too), and is displayed as HTML.
    result = box.run("""
import pandas as pd

days = pd.DataFrame({"city": ["Oslo", "Rome", "Oslo"], "rain": [1, 2, 4]})
days.groupby("city").sum()
""")
    print(result.value)
    print(sorted(result.displays[0].data))

    # So is a value whose class knows how it looks.
    result = box.run("""
class Greeting:
    def _repr_html_(self):
        return "<script>alert('boo')</script><b>hello</b>"

Greeting()
""")
    print(sorted(result.displays[0].data))

    box.run("display('done')")
    print(len(box.displays), "displays so far,", box.displays.dropped, "dropped")

    with tempfile.TemporaryDirectory() as folder:
        paths = ringfence.write_displays(box.displays, folder)
        print(*(path.name for path in paths))

    page = ringfence.displays_page(box.displays)  # for a service that shows it itself
    print("a script of the guest's in the page:", "<script" in page)
