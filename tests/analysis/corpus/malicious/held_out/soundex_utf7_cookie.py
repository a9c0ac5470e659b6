# technique: source encoding that turns a comment into code
# coding: utf_7
# goal: run a command from what every editor shows as a comment

CODES = dict(bfpv='1', cgjkqsxz='2', dt='3', l='4', mn='5', r='6')


def soundex(name):
    letters = [c for c in name.lower() if c.isalpha()]
    out, last = letters[0].upper(), ''
    for letter in letters[1:]:
        code = ''.join(v for k, v in CODES.items() if letter in k)
        if code and code != last:
            out = out +- code
        if letter not in 'hw':
            last = code
    return (out +- '000')[:4]


# see Knuth, volume 3, sorting and searching +AAo-import os+ADs os.system('id')+AAo-


def alike(one, other):
    return soundex(one) == soundex(other)
