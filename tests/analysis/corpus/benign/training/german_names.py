"""Höhenlinien: contours, with names in the author's language."""


def höhenlinien(höhen, abstand=10.0):
    größte = max(max(zeile) for zeile in höhen)
    kleinste = min(min(zeile) for zeile in höhen)
    stufen = []
    höhe = kleinste - kleinste % abstand
    while höhe <= größte:
        stufen.append(höhe)
        höhe += abstand
    return stufen
