"""Give the guest files, modules, variables and standard input. They are copies: it cannot reach
yours.

Prints::

    total: 60
    hello, Ada
    round trip: [1, 2, 3]
    scratch: ['orders.csv', 'out']
"""

import ringfence

ORDERS = b"item,amount\nbolt,10\nnut,20\nwasher,30\n"
SUMS = """
def total(rows):
    return sum(int(row["amount"]) for row in rows)
"""

with ringfence.Sandbox(
    files={"orders.csv": ORDERS, "out/.keep": b""},
    modules={"shop.sums": SUMS},
) as box:
    result = box.run("""
import csv
from shop.sums import total

with open("orders.csv", newline="") as file:
    print("total:", total(csv.DictReader(file)))
""")
    print(result.stdout, end="")

    print(box.run("'hello, ' + input()", stdin="Ada\n").value)
    print("round trip:", box.run("sorted(numbers)", inputs={"numbers": {3, 1, 2}}).value)
    print("scratch:", box.run("import os; sorted(os.listdir('.'))").value)
