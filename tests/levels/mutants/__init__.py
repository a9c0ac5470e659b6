"""Jails from which one entry was taken away, and what shows that it is missing.

``entries`` says what there is to take away, ``removals`` does it inside the zygote, ``engine`` starts
such a zygote through the production entry point, ``witnesses`` looks, and ``table`` says who notices
what.
"""
