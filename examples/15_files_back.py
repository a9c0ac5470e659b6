"""Take files back: look into the guest's working folder, between turns and while a turn waits.
Names and contents are the guest's: what has no usable name is told, and never followed.

Prints::

    made: {'in.csv': 11, 'report/total.txt': 3}
    total: b'60\\n'
    the guest reads: later
    the host read, while the turn waited: draft
    no such file: 'nothing'
    left: ['in.csv', 'news.txt', 'report/total.txt']
    not usable: {'two\\\\nlines': 'holds a control character'}
"""

import ringfence


def review() -> str:
    """A host function: the turn waits for it, and the guest hands out its files meanwhile."""
    box.files["news.txt"] = b"later"
    return box.files.pop("draft.txt").decode()


with ringfence.Sandbox(files={"in.csv": b"n\n10\n20\n30\n"}, functions=[review]) as box:
    box.run("""
import os

os.makedirs("report")
with open("in.csv") as file, open("report/total.txt", "w") as out:
    print(sum(int(line) for line in list(file)[1:]), file=out)
""").raise_for_status()
    print("made:", box.files.sizes())
    print("total:", box.files["report/total.txt"])

    result = box.run("""
with open("draft.txt", "w") as file:
    file.write("draft")
seen = review()
print("the guest reads:", open("news.txt").read())
print("the host read, while the turn waited:", seen)
""")
    print(result.stdout, end="")

    try:
        box.files["nothing"]
    except KeyError as error:
        print("no such file:", error)

    box.run(r"open('two\nlines', 'w').close()")
    print("left:", list(box.files))
    print("not usable:", box.files.refused())
