"""The code blocks of the README run, and print what they show."""

import doctest
from pathlib import Path

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_readme_runs() -> None:
    parser = PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS)
    examples = list(Sybil([parser], path=str(README.parent)).parse(README).examples())
    assert len(examples) >= 3
    for example in examples:
        example.evaluate()
