"""Tokens of a small language."""
import re

SPECIFICATION = [
    ("NUMBER", r"\d+(?:\.\d*)?"),
    ("NAME", r"[A-Za-z_][A-Za-z_0-9]*"),
    ("STRING", r'"(?:\\.|[^"\\])*"'),
    ("OPERATOR", r"[-+*/=()]"),
    ("SPACE", r"[ \t]+"),
    ("OTHER", r"."),
]
PATTERN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in SPECIFICATION))


def tokens(text):
    for match in PATTERN.finditer(text):
        if match.lastgroup == "OTHER":
            raise ValueError(f"{match.group()!r} at {match.start()}")
        if match.lastgroup != "SPACE":
            yield match.lastgroup, match.group()
