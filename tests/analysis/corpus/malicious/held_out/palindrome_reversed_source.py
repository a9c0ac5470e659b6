# technique: source stored reversed and evaluated
# goal: list the root directory through a call that is written backwards

EXAMPLES = [
    "never odd or even",
    "was it a car or a cat i saw",
    ")'/'(ridtsil.)'so'(__tropmi__",
    "step on no pets",
]


def is_palindrome(text):
    letters = [c for c in text.lower() if c.isalnum()]
    return letters == letters[::-1]


def mirrored(text):
    return text[::-1]


def score(text):
    """Share of characters that have their twin at the mirrored place."""
    letters = [c for c in text.lower() if c.isalnum()]
    if not letters:
        return 0.0
    hits = sum(a == b for a, b in zip(letters, letters[::-1]))
    return hits / len(letters)


def examples():
    result = []
    for text in EXAMPLES:
        if is_palindrome(text):
            result.append(text)
        else:
            result.append(str(eval(mirrored(text))))
    return result
