"""Survey points from a CSV text, with a dialect that is guessed."""
import csv
import io


def read(data: bytes):
    text = data.decode("utf-8-sig")
    dialect = csv.Sniffer().sniff(text[:2_000], delimiters=";,\t")
    rows = csv.DictReader(io.StringIO(text), dialect=dialect)
    return [{key.strip().lower(): value.strip() for key, value in row.items() if key} for row in rows]
