"""The families of rules: each module has its rules as data, and what looks for them."""
