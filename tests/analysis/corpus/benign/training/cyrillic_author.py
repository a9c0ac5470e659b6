"""Подсчёт слов: counts words, with names in the author's script."""
from collections import Counter


def подсчёт(текст):
    слова = текст.lower().split()
    return Counter(слова).most_common(10)


def translate(words):
    словарь = {"гора": "mountain", "река": "river", "дом": "house"}
    return [словарь.get(слово, слово) for слово in words]
