# technique: none
# goal: a seeded Markov chain of weather, by generators that receive values

import itertools
import random
from statistics import fmean, quantiles

CHAIN = {
    "sunny": {"sunny": 0.7, "cloudy": 0.25, "rain": 0.05},
    "cloudy": {"sunny": 0.3, "cloudy": 0.4, "rain": 0.3},
    "rain": {"sunny": 0.15, "cloudy": 0.45, "rain": 0.4},
}
MEAN = {"sunny": 22.0, "cloudy": 16.0, "rain": 12.0}


def _sky(generator, start):
    """An endless chain of skies."""
    now = start
    while True:
        yield now
        names, weights = zip(*CHAIN[now].items())
        (now,) = generator.choices(names, weights)


def _average(window):
    """Takes temperatures by send(), gives their running mean."""
    kept, value = [], None
    while True:
        value = yield fmean(kept) if kept else None
        kept = [*kept[1 - window :], value] if window > 1 else [value]


def forecast(days, seed, *, start="cloudy", window=3):
    """Rows of (sky, temperature, running mean)."""
    generator = random.Random(seed)
    average = _average(window)
    next(average)
    rows = []
    for sky in itertools.islice(_sky(generator, start), days):
        degrees = round(generator.gauss(MEAN[sky], 2.5), 1)
        rows.append((sky, degrees, round(average.send(degrees), 2)))
    average.close()
    return rows


def spread(days, seed):
    """Quartiles of the temperature."""
    return quantiles([degrees for _, degrees, _ in forecast(days, seed)], n=4)


def longest_spell(days, seed, sky="rain"):
    runs = itertools.groupby(one for one, *_ in forecast(days, seed))
    return max((sum(1 for _ in group) for key, group in runs if key == sky), default=0)
