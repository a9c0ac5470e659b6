"""Tells how long parts take, for the log."""
import logging
import time
from contextlib import contextmanager

log = logging.getLogger(__name__)


@contextmanager
def timed(name):
    start = time.perf_counter()
    try:
        yield
    finally:
        log.info("%s took %.1f ms", name, (time.perf_counter() - start) * 1_000)


def build(count):
    with timed("build"):
        return [number**2 for number in range(count)]
