# grants: environment network
"""Fetches heights from a server that the operator names."""
import os
import urllib.request


def heights(tile):
    base = os.environ.get("HEIGHTS_SERVER", "http://localhost:8080")
    with urllib.request.urlopen(f"{base}/{tile}") as answer:
        return answer.read()
