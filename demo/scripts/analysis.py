"""What the guest runs: somebody else's analysis, with all of NumPy, pandas and matplotlib."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import dates

COLOURS = {"bench": "#4477aa", "door": "#ccbb44", "roof": "#ee6677"}


def load(path):
    table = pd.read_csv(path, parse_dates=["time"])
    wide = table.pivot(index="time", columns="sensor", values="temperature")
    return wide.asfreq("10min")  # rows that are missing in the file become gaps


def find_outliers(series):
    """Far from the median of the hours around it, counted in typical deviations (MAD)."""
    around = series.rolling(25, center=True, min_periods=5)
    deviation = (series - around.median()).abs()
    typical = deviation.rolling(25, center=True, min_periods=5).median().clip(lower=0.2)
    return deviation > 8 * typical


def analyse(path):
    raw = load(path)
    bad = raw.apply(find_outliers)
    clean = raw.mask(bad)
    hours = clean.groupby(clean.index.hour).mean()
    draw(raw, bad, clean, hours)

    names = {sensor: sensor_name(sensor) for sensor in raw.columns}  # asks the host
    found = [
        (names[sensor], when.to_pydatetime(), float(raw.at[when, sensor]))
        for sensor in raw.columns
        for when in raw.index[bad[sensor]]
    ]
    top, where = clean.max(), clean.idxmax()
    return {
        "readings": int(raw.notna().sum().sum()),
        "missing": {names[s]: int(n) for s, n in raw.isna().sum().items()},
        "outliers": sorted(found, key=lambda entry: entry[1]),
        "hottest": {names[s]: (where[s].to_pydatetime(), float(top[s])) for s in raw.columns},
        "by_hour": hours.to_numpy(),
        "agreement": np.corrcoef(clean.dropna().to_numpy(), rowvar=False),
    }


def draw(raw, bad, clean, hours):
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    figure, (week, day) = plt.subplots(
        1, 2, figsize=(11, 4.5), dpi=140, width_ratios=[2.6, 1], layout="constrained"
    )
    low, high = clean.min().min() - 2, clean.max().max() + 2
    silent = raw.isna().all(axis=1)
    for when in raw.index[silent]:
        week.axvspan(when, when + raw.index.freq, color="#dddddd", linewidth=0)
    for sensor, colour in COLOURS.items():
        week.plot(clean.index, clean[sensor], color=colour, linewidth=1.1, label=sensor)
        wrong = raw[sensor][bad[sensor]]
        week.plot(wrong.index, wrong.clip(low + 0.5, high - 0.5), "x", color=colour, markersize=6)
        day.plot(hours.index, hours[sensor], color=colour, linewidth=1.8)
        peak = hours[sensor].idxmax()
        day.annotate(
            f"{hours.at[peak, sensor]:.0f} °C",
            (peak, hours.at[peak, sensor]),
            (0, 5),
            textcoords="offset points",
            ha="center",
            color=colour,
        )
    week.plot([], [], "x", color="#555555", label="outlier (at the edge: off the scale, left out)")
    week.axvspan(clean.index[0], clean.index[0], color="#dddddd", label="no sensor answered")
    week.set(ylim=(low, high), xlim=(clean.index[0], clean.index[-1]), ylabel="°C")
    week.xaxis.set_major_locator(dates.DayLocator())
    week.xaxis.set_major_formatter(dates.DateFormatter("%a %d"))
    figure.legend(loc="outside lower left", ncols=5, frameon=False)
    week.set_title("Greenhouse, one week in June", loc="left", fontweight="bold")
    day.set(xlim=(0, 23), xticks=range(0, 24, 6), xlabel="hour", ylim=week.get_ylim())
    day.set_title("The average day", loc="left", fontweight="bold")
    for axes in (week, day):
        axes.grid(axis="y", color="#eeeeee")
        axes.set_axisbelow(True)
    plt.show()
