# goal: break the turn by a table whose columns are not what they say
# technique: output_and_display
# packages: pandas
# expect: error TypeError "'int' object is not iterable" alive

import pandas as pd


class Table(pd.DataFrame):
    @property
    def columns(self):
        return 5

    def _repr_html_(self):
        return "<b>"


Table({"a": [1]})
