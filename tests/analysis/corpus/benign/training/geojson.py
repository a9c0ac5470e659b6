"""GeoJSON to rings of points."""
import json


def rings(data):
    document = json.loads(data)
    pending = [document]
    while pending:
        item = pending.pop()
        kind = item.get("type")
        if kind == "FeatureCollection":
            pending.extend(item["features"])
        elif kind == "Feature":
            pending.append(item["geometry"])
        elif kind == "Polygon":
            yield from item["coordinates"]
        elif kind == "MultiPolygon":
            for polygon in item["coordinates"]:
                yield from polygon
