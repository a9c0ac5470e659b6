"""Which queries are code, and which code: every odd case by its exact outcome."""

import pytest

from ringfence.agent.direct import direct_code
from ringfence.errors import ConfigurationError

CODE = {
    # on the same line
    "Execute Python: print(1)": "print(1)",
    "execute python: print(1)": "print(1)",
    "EXECUTE PYTHON: print(1)": "print(1)",
    "eXeCuTe   pYtHoN\t:\tprint(1)": "print(1)",
    "Execute Python:print(1)": "print(1)",
    "  \n\t Execute Python: print(1)  \n\n": "print(1)",
    "\ufeffExecute Python: 1": "1",
    "Execute\nPython: 1": "1",
    "Execute Python: for i in range(2):\n    print(i)\n": "for i in range(2):\n    print(i)",
    "Execute Python: if x:\n        y = 1\n    else:\n        y = 2": "if x:\n        y = 1\n    else:\n        y = 2",
    "Execute Python: a = 1\r\nb = 2\rc = 3": "a = 1\nb = 2\nc = 3",
    "Execute Python: d = {'a': 1}": "d = {'a': 1}",
    "Execute Python: : int": ": int",
    "Execute Python: Execute Python: 1": "Execute Python: 1",
    "Execute Python: x = '''\n  ```\n  '''": "x = '''\n  ```\n  '''",
    "Execute Python: print('```')": "print('```')",
    "Execute Python: print('\x00')": "print('\x00')",
    "Execute Python: naïve = 'ß'": "naïve = 'ß'",
    # on later lines
    "Execute Python:\nprint(1)": "print(1)",
    "Execute Python:   \n\n\nprint(1)\nprint(2)\n": "print(1)\nprint(2)",
    "Execute Python:\n    a = 1\n    if a:\n        b = 2": "a = 1\nif a:\n    b = 2",
    "Execute Python:\n\ta = 1\n\n\tb = 2": "a = 1\n\nb = 2",
    "Execute Python:\n    a = 1\n  b = 2": "    a = 1\n  b = 2",
    "Execute Python:\r\n  a = 1\r\n  b = 2\r\n": "a = 1\nb = 2",
    # backticks
    "Execute Python: `print(1)`": "print(1)",
    "Execute Python: `a` + `b`": "`a` + `b`",
    "Execute Python: `": "`",
    # fences after the words
    "Execute Python:\n```python\nprint(1)\n```": "print(1)",
    "Execute Python: ```python\nprint(1)\n```": "print(1)",
    "Execute Python:\n```\nprint(1)\n```\n\n": "print(1)",
    "Execute Python:\n```PY\nprint(1)\n```": "print(1)",
    "Execute Python:\n```python3\nprint(1)\n```": "print(1)",
    "Execute Python:\n``` python \nprint(1)\n```": "print(1)",
    "Execute Python:\n~~~python\nprint(1)\n~~~": "print(1)",
    "Execute Python:\n````python\ns = '''\n```\n'''\n````": "s = '''\n```\n'''",
    "Execute Python:\n~~~\n```\n~~~": "```",
    "Execute Python:\n```python\nprint(1)": "print(1)",
    "Execute Python:\n```python\nprint(1)\n`````": "print(1)",
    "Execute Python:\n    ```python\n    if 1:\n        print(1)\n    ```": "if 1:\n    print(1)",
    "Execute Python: ```print(1)```": "print(1)",
    "Execute Python: ```python print(1)```": "print(1)",
    "Execute Python: ```py print(1) ``` ": "print(1)",
    "Execute Python: ```pyx(1)```": "pyx(1)",
    "Execute Python: ```python\n\n\n  x = 1\n\n```": "  x = 1",
    # a fence alone, that says python
    "```python\nprint(1)\n```": "print(1)",
    "\n\n  ```py\n  print(1)\n  ```\n": "print(1)",
    "```Python3\r\nprint(1)\r\n```": "print(1)",
    "```python print(1)```": "print(1)",
    "~~~py\nprint(1)": "print(1)",
}

WORDS = [
    "What is 2 + 2?",
    "print(1)",
    "Please execute python: print(1)",
    "Execute Python print(1)",
    "Execute: print(1)",
    "Executepython: print(1)",
    "Execute Python3: print(1)",
    "Execute the Python: print(1)",
    'The text says "Execute Python: print(1)".',
    "> Execute Python: print(1)",
    "Execute Python\n: print(1)",
    "Execute\u00a0Python: 1",
    "Exécute Python: 1",
    "\u0415xecute Python: 1",  # a Cyrillic E
    "Execute Python\uff1a 1",
    "Execute Python:\n```bash\nls\n```",
    "Execute Python:\n```python\nprint(1)\n```\nand explain it",
    "Execute Python:\n```python\nprint(1)\n```\n```python\nprint(2)\n```",
    "Execute Python: ```print(1)``` and explain it",
    "Execute Python: ```print(1)``` and ```print(2)```",
    "```\nprint(1)\n```",
    "```bash\nls\n```",
    "```print(1)```",
    "```python\nprint(1)\n```\nWhat does it print?",
    "What does this print?\n```python\nprint(1)\n```",
]

EMPTY = [
    "Execute Python:",
    "execute python:   \n\n\t",
    "Execute Python:\n```python\n```",
    "Execute Python: ```\n\n",
    "Execute Python: ` `",
]


@pytest.mark.parametrize("query", CODE)
def test_code_is_taken_exactly(query: str) -> None:
    assert direct_code(query) == CODE[query]


@pytest.mark.parametrize("query", WORDS)
def test_everything_else_is_words(query: str) -> None:
    assert direct_code(query) is None


@pytest.mark.parametrize("query", EMPTY)
def test_no_code_is_an_error_and_not_for_a_model(query: str) -> None:
    with pytest.raises(ConfigurationError, match="no code follows"):
        direct_code(query)


@pytest.mark.parametrize("piece", ["`", "~", "```", "execute ", "python", ":", "\n", " ", "`x` "])
def test_a_long_odd_query_is_parsed_in_no_time_that_grows_with_its_square(piece: str) -> None:
    for prefix in ("", "execute python:", "execute python:\n", "```python\n"):
        try:
            direct_code(prefix + piece * 200_000)
        except ConfigurationError:
            assert not piece.strip() or set(piece) <= {"`", "~"}
