"""The number of a problem to a table about one of many themes: names, quantities with units, missing cells at times."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from genverify.types import Table

Number = Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """What a column's numbers count."""

    short: str
    """As it stands in the header: ``$ thousand``; empty for a plain number."""
    words: str
    """As it stands behind a number: ``thousand dollars``."""
    scale: int = 1
    """How many of the base unit one of it is; two units of one base differ by it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers."""

    name: str
    unit: Unit
    low: int
    high: int
    """Its numbers lie in [low, high], in units of the column."""
    places: int = 0
    """Digits after the decimal point."""
    others: tuple[Unit, ...] = ()
    """Units that it could be mistaken to be in."""
    sums: bool = True
    """Whether a sum over its rows means anything: of rainfall yes, of temperatures no."""

    @property
    def header(self) -> str:
        """Return its name with its unit, as the table has it."""
        return f"{self.name} ({self.unit.short})" if self.unit.short else self.name


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with the meaning of its columns."""

    title: str
    label: str
    """The header of the first column, whose cells name the rows."""
    noun: str
    """What a row is: ``region``."""
    names: tuple[str, ...]
    """The cells of the first column, all different."""
    columns: tuple[Column, ...]
    values: tuple[tuple[Number | None, ...], ...]
    """The numbers, by row and column; None where the cell is missing."""
    group: str = ""
    """The header of a column of words; empty if there is none."""
    groups: tuple[str, ...] = ()
    """Its cells."""
    commas: bool = False
    """Whether numbers from a thousand on are written with commas."""
    missing: str = "–"

    @property
    def plural(self) -> str:
        """Return the noun for several rows."""
        return f"{self.noun[:-1]}ies" if self.noun.endswith("y") else f"{self.noun}s"

    def value(self, row: str, column: Column) -> Number | None:
        """Return the number of a row in a column."""
        return self.values[self.names.index(row)][self.columns.index(column)]

    def column(self, column: Column) -> dict[str, Number]:
        """Return the numbers of a column by the names of their rows, missing ones left out."""
        place = self.columns.index(column)
        return {n: v for n, row in zip(self.names, self.values, strict=True) if (v := row[place]) is not None}

    def shown(self, value: Number) -> str:
        """Write a number as this table writes its own, rounded to at most two places."""
        text = plain(value)
        whole, point, rest = text.partition(".")
        return f"{int(whole):,}{point}{rest}" if self.commas and abs(value) >= 1000 else text

    @property
    def table(self) -> Table:
        """Return it as texts."""
        header = (self.label, *((self.group,) if self.group else ()), *(c.header for c in self.columns))
        rows = []
        for i, name in enumerate(self.names):
            cells = (
                self.missing if v is None else self._cell(v, c)
                for v, c in zip(self.values[i], self.columns, strict=True)
            )
            rows.append((name, *((self.groups[i],) if self.group else ()), *cells))
        return Table(header, tuple(rows))

    def _cell(self, value: Number, column: Column) -> str:
        text = f"{float(value):.{column.places}f}" if column.places else str(value)
        whole, point, rest = text.partition(".")
        return f"{int(whole):,}{point}{rest}" if self.commas and abs(value) >= 1000 else text


def two_places(value: Number) -> Number:
    """Round a number to two places, halves away from zero as at school."""
    hundredths = Fraction(math.floor(abs(value) * 100 + Fraction(1, 2)), 100)
    return hundredths if value >= 0 else -hundredths


def plain(value: Number) -> str:
    """Write a number with at most two digits after the point, and none that say nothing."""
    if value.denominator == 1:
        return str(value)
    return f"{float(two_places(value)):.2f}".rstrip("0").rstrip(".")


_K, _M = Unit("$ thousand", "thousand dollars", 10**3), Unit("$ million", "million dollars", 10**6)
_DOLLAR, _EURO_K = Unit("$", "dollars"), Unit("€ thousand", "thousand euros", 10**3)
_EURO_M = Unit("€ million", "million euros", 10**6)
_THOUSANDS, _MILLIONS, _PEOPLE = Unit("thousands", "thousand", 10**3), Unit("millions", "million", 10**6), Unit("", "")
_PERCENT, _NONE = Unit("%", "percent"), Unit("", "")
_KM, _METRE = Unit("km", "km", 1000), Unit("m", "m")
_KG, _TON = Unit("kg", "kg"), Unit("t", "tonnes", 1000)
_MIN, _HOUR = Unit("min", "minutes"), Unit("h", "hours", 60)
_MM, _CM, _C = Unit("mm", "mm"), Unit("cm", "cm", 10), Unit("°C", "°C")


@dataclass(frozen=True, slots=True)
class _Theme:
    titles: tuple[str, ...]
    label: str
    noun: str
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    group: str = ""
    groups: tuple[str, ...] = ()


_YEARS: Final = tuple(str(year) for year in range(1996, 2025))
_CITIES: Final = tuple(
    "Alba,Brenta,Corvin,Delmar,Eastport,Fenwick,Granby,Halden,Istria,Jorvik,Kelso,Lindau,Marlow,Norden,Orsa,Pella".split(
        ","
    )
)
_NAMES: Final = tuple(
    "Ana,Boris,Chen,Dora,Elif,Farid,Greta,Hugo,Ines,Jonas,Kira,Liam,Mona,Nils,Olga,Paul,Rosa,Samir".split(",")
)
_THEMES: Final = (
    _Theme(
        ("Sales by region", "Regional results of a chain of shops"),
        "Region",
        "region",
        tuple("North,South,East,West,Central,Coast,Highlands,Islands,Northeast,Southwest,Lakes,Capital".split(",")),
        (
            Column("Revenue", _K, 120, 1900, 0, (_M, _DOLLAR)),
            Column("Costs", _K, 80, 1500, 0, (_M, _DOLLAR)),
            Column("Stores", _NONE, 3, 60),
            Column("Orders", _NONE, 200, 9000),
            Column("Market share", _PERCENT, 2, 40, 1, (), False),
        ),
        "Manager",
        _NAMES[:5],
    ),
    _Theme(
        ("Final standings of a football league", "League table"),
        "Team",
        "team",
        tuple(
            "Rovers,United,Athletic,Wanderers,City,Rangers,Albion,Harriers,Olympic,Dynamo,Victoria,Falcons".split(",")
        ),
        (
            Column("Wins", _NONE, 2, 28),
            Column("Draws", _NONE, 0, 14),
            Column("Losses", _NONE, 1, 25),
            Column("Goals scored", _NONE, 20, 95),
            Column("Goals conceded", _NONE, 18, 90),
            Column("Points", _NONE, 15, 92),
        ),
    ),
    _Theme(
        ("Population of cities", "Cities of a country"),
        "City",
        "city",
        _CITIES,
        (
            Column("Population", _THOUSANDS, 12, 2400, 1, (_MILLIONS,)),
            Column("Area", Unit("km²", "km²"), 20, 900),
            Column("Founded", _NONE, 1050, 1890, 0, (), False),
            Column("Districts", _NONE, 2, 24),
            Column("Green space", _PERCENT, 4, 48, 0, (), False),
        ),
        "Province",
        ("Upper", "Lower", "Coastal", "Inner"),
    ),
    _Theme(
        ("Budget of a town", "Town budget by department"),
        "Department",
        "department",
        tuple(
            "Schools,Roads,Parks,Libraries,Police,Fire service,Health,Housing,Culture,Transport,Waste,Sports".split(",")
        ),
        (
            Column("Planned", _K, 100, 5200, 0, (_M,)),
            Column("Spent", _K, 100, 5400, 0, (_M,)),
            Column("Staff", _NONE, 4, 240),
            Column("Previous year", _K, 100, 5000, 0, (_M,)),
        ),
    ),
    _Theme(
        ("Weather of a station by month", "Monthly weather"),
        "Month",
        "month",
        tuple("January,February,March,April,May,June,July,August,September,October,November,December".split(",")),
        (
            Column("Rain", _MM, 5, 180, 0, (_CM,)),
            Column("Mean temperature", _C, -6, 28, 1, (), False),
            Column("Sunshine", _HOUR, 30, 310, 0, (_MIN,)),
            Column("Rainy days", _NONE, 1, 22),
            Column("Highest temperature", _C, 4, 39, 1, (), False),
        ),
    ),
    _Theme(
        ("Stock of a hardware shop", "Inventory"),
        "Item",
        "item",
        tuple("hammer,saw,drill,ladder,bucket,rope,lamp,brush,wrench,shovel,pliers,vice,chisel,level".split(",")),
        (
            Column("In stock", _NONE, 3, 240),
            Column("Price", _DOLLAR, 2, 120, 2, (), False),
            Column("Sold last month", _NONE, 0, 90),
            Column("Weight", _KG, 1, 18, 1, (_TON,)),
            Column("Reorder level", _NONE, 2, 40),
        ),
        "Aisle",
        ("A", "B", "C", "D"),
    ),
    _Theme(
        ("Train connections", "Timetable of a railway"),
        "Train",
        "train",
        tuple(
            f"{kind} {number}"
            for kind, number in zip("IC RE S IC RE S IC RE S IC RE S".split(), range(101, 1300, 107), strict=False)
        ),
        (
            Column("Distance", _KM, 12, 640, 0, (_METRE,)),
            Column("Travel time", _MIN, 15, 380, 0, (_HOUR,)),
            Column("Stops", _NONE, 1, 24),
            Column("Fare", _DOLLAR, 4, 140, 2, (), False),
            Column("Seats", _NONE, 80, 700),
        ),
    ),
    _Theme(
        ("Results of a class test", "Marks of a class"),
        "Student",
        "student",
        _NAMES,
        (
            Column("Mathematics", _NONE, 20, 100),
            Column("History", _NONE, 25, 100),
            Column("Biology", _NONE, 20, 100),
            Column("Absences", _NONE, 0, 14),
            Column("Essay", _NONE, 1, 20),
        ),
        "Group",
        ("red", "blue", "green"),
    ),
    _Theme(
        ("Harvest of farms", "Farm report"),
        "Farm",
        "farm",
        tuple("Oak,Hill,River,Mill,Stone,Bridge,Meadow,Valley,Spring,Forest,Windy,Old".split(",")),
        (
            Column("Wheat", _TON, 5, 320, 1, (_KG,)),
            Column("Maize", _TON, 2, 280, 1, (_KG,)),
            Column("Area", Unit("ha", "ha"), 10, 420),
            Column("Workers", _NONE, 1, 30),
            Column("Income", _EURO_K, 20, 900, 0, (_EURO_M,)),
        ),
        "Owner",
        _NAMES[5:9],
    ),
    _Theme(
        ("A company over the years", "Annual figures"),
        "Year",
        "year",
        _YEARS,
        (
            Column("Revenue", _M, 40, 980, 1, (_K,)),
            Column("Profit", _M, 2, 160, 1, (_K,)),
            Column("Employees", _NONE, 150, 8200),
            Column("Customers", _THOUSANDS, 20, 950, 0, (_MILLIONS,)),
            Column("Export share", _PERCENT, 5, 70, 1, (), False),
        ),
    ),
    _Theme(
        ("Visitors of museums", "Museums of a city"),
        "Museum",
        "museum",
        tuple("Art,History,Science,Toy,Maritime,Railway,Folk,Modern,Natural,Photo,Design,War".split(",")),
        (
            Column("Visitors", _THOUSANDS, 8, 640, 1, (_MILLIONS,)),
            Column("Ticket", Unit("€", "euros"), 3, 24, 2, (), False),
            Column("Rooms", _NONE, 4, 80),
            Column("Guides", _NONE, 1, 30),
        ),
    ),
    _Theme(
        ("Runners of a race", "Race results"),
        "Runner",
        "runner",
        _NAMES,
        (
            Column("Distance", _KM, 5, 42, 1, (_METRE,)),
            Column("Time", _MIN, 22, 290, 0, (_HOUR,)),
            Column("Age", _NONE, 17, 71, 0, (), False),
            Column("Earlier races", _NONE, 0, 45),
        ),
        "Club",
        ("Arrows", "Hares", "Milers"),
    ),
    _Theme(
        ("Use of energy by household", "Energy and water"),
        "House",
        "house",
        tuple(f"No. {n}" for n in range(1, 31)),
        (
            Column("Electricity", Unit("kWh", "kWh"), 900, 6400),
            Column("Gas", Unit("m³", "m³"), 100, 2600),
            Column("Water", Unit("m³", "m³"), 30, 260),
            Column("Residents", _NONE, 1, 7),
            Column("Bill", _DOLLAR, 300, 3900),
        ),
    ),
    _Theme(
        ("Mountains", "Peaks of a range"),
        "Peak",
        "peak",
        tuple("Arken,Brand,Colm,Drago,Elster,Falk,Gorm,Hirsch,Istar,Kron,Lomar,Monte Sella".split(",")),
        (
            Column("Height", _METRE, 1200, 4800, 0, (_KM,), False),
            Column("First climbed", _NONE, 1790, 1960, 0, (), False),
            Column("Climbers a year", _NONE, 20, 6000),
            Column("Huts", _NONE, 0, 9),
        ),
    ),
)


def sheet(rng: random.Random) -> Sheet:
    """Draw a table: 4 to 15 rows, 3 to 7 columns."""
    theme = rng.choice(_THEMES)
    count = rng.randint(4, min(15, len(theme.names)))
    if theme.names is _YEARS:
        start = rng.randrange(len(_YEARS) - count + 1)
        names: Sequence[str] = _YEARS[start : start + count]
    elif theme.label == "Month":
        names = theme.names[:count] if rng.random() < 0.5 else theme.names[-count:]
    else:
        names = rng.sample(theme.names, count)
    columns = tuple(sorted(rng.sample(theme.columns, rng.randint(2, len(theme.columns))), key=theme.columns.index))
    gaps = rng.random() < 0.25
    values = tuple(tuple(_draw(c, rng, 0.08 if gaps else 0.0) for c in columns) for _ in names)
    grouped = bool(theme.group) and rng.random() < 0.6
    groups = tuple(rng.choice(theme.groups) for _ in names) if grouped else ()
    return Sheet(rng.choice(theme.titles), theme.label, theme.noun, tuple(names), columns, values,
                 theme.group if grouped else "", groups, rng.random() < 0.4, rng.choice(["–", "n/a", ""]))  # fmt: skip


def _draw(column: Column, rng: random.Random, missing: float) -> Number | None:
    if rng.random() < missing:
        return None
    grain = 10**column.places
    return Fraction(rng.randint(column.low * grain, column.high * grain), grain)
