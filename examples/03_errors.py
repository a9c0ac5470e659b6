"""What a guest did wrong is data; it becomes an exception only where you ask for one.

Prints::

    error ZeroDivisionError
    Traceback (most recent call last):
      File "<cell 1>", line 2, in <module>
        1 / total
        ~~^~~~~~~
    ZeroDivisionError: division by zero
    the sandbox lives on: True
    crashed Exit: the guest process ended with exit code 3
    raised: GuestCrashed
"""

import ringfence

with ringfence.Sandbox() as box:
    result = box.run("""total = 0
1 / total
""")
    assert result.error is not None
    print(result.status, result.error.type)
    print(result.error.traceback, end="")
    print("the sandbox lives on:", result.alive)

    result = box.run("import os; os._exit(3)")
    assert result.error is not None
    print(result.status, f"{result.error.type}: {result.error.message}")

    try:
        result.raise_for_status()
    except ringfence.GuestFailure as failure:
        print("raised:", type(failure).__name__)
