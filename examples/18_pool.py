"""A pool of warm guests: each request gets one that nobody has used before.

Prints::

    ['ADA', 'GRACE', 'EDSGER']
    a name that the last request left: not defined
    taken: 4, missed: 0
"""

import ringfence

PROGRAM = """
secret = name
name.upper()
"""

with ringfence.Pool(4) as pool:
    pool.wait()  # a server would not wait: a request that finds none ready gets a fresh guest
    answers = []
    for name in ("Ada", "Grace", "Edsger"):
        result = ringfence.run(PROGRAM, inputs={"name": name}, pool=pool)
        answers.append(result.raise_for_status().value)
        pool.wait()
    print(answers)

    with ringfence.Sandbox(pool=pool) as box:
        missing = box.run("secret").error
        print("a name that the last request left:", "not defined" if missing else "still there!")

    statistics = pool.statistics()
    print(f"taken: {statistics.taken}, missed: {statistics.missed}")
