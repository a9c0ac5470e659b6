"""Ways of an OpenStreetMap extract, from bytes."""
import xml.etree.ElementTree as ET


def ways(data):
    root = ET.fromstring(data)
    nodes = {node.get("id"): (float(node.get("lon")), float(node.get("lat"))) for node in root.iter("node")}
    for way in root.iter("way"):
        tags = {tag.get("k"): tag.get("v") for tag in way.iter("tag")}
        points = [nodes[nd.get("ref")] for nd in way.iter("nd") if nd.get("ref") in nodes]
        yield tags, points
