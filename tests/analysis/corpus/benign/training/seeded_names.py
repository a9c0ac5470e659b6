"""Names from a Markov chain, the same for the same seed."""
import random
from collections import defaultdict


def chain(words, order=2):
    table = defaultdict(list)
    for word in words:
        padded = "^" * order + word.lower() + "$"
        for index in range(len(padded) - order):
            table[padded[index : index + order]].append(padded[index + order])
    return table


def invent(table, seed, order=2, longest=12):
    source = random.Random(seed)
    state, made = "^" * order, ""
    while len(made) < longest:
        letter = source.choice(table[state])
        if letter == "$":
            break
        made += letter
        state = state[1:] + letter
    return made.title()
