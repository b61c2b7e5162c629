"""Plots about materials and loads: paint, tiles, rope, dripping taps, trucks with mixed loads, cans, candles."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from genverify.data.algebra.story import Story, UnfitError
from genverify.data.algebra.terms import DOLLARS, Noun, per, percent
from genverify.data.algebra.words.lists import CENTS, HOURS, LITERS, METERS, WEEKS
from genverify.data.algebra.words.relations import related

_CENTIMETERS: Final = Noun("centimeter", "centimeters", places=1)
_KILOGRAMS: Final = Noun("kilogram", "kilograms", places=2)
_SQUARE: Final = Noun("square meter", "square meters", places=2)
_TILES, _PACKS, _CANS = Noun("tile", "tiles"), Noun("pack", "packs"), Noun("can", "cans")
_PIECES, _DROPS = Noun("piece", "pieces"), Noun("drop", "drops")


def paint(s: Story) -> None:
    """Paint the walls of a room without its openings, in several coats."""
    a = s.person()
    what = s.one("bedroom", "classroom", "hallway", "workshop", "kitchen", "studio")
    long_ = s.given(s.whole(4, 14), f"the length of the {what}", f"the {what} is @ long", METERS)
    wide = s.given(s.whole(3, 9), f"the width of the {what}", f"the {what} is @ wide", METERS)
    high = s.given(Fraction(s.one(4, 5, 6, 8), 2), "the height", "the walls are @ high", METERS)
    free = s.given(s.whole(3, 15), "the area of doors and windows", "doors and windows take up @", _SQUARE)
    s.say(
        f"{a} is going to paint the four walls of a {what}, which is {long_} long, {wide} wide and {high} high",
        f"a {what} measures {long_} by {wide}, and its walls are {high} high. {a} wants to paint all four of them",
    )
    s.say(
        f"doors and windows, which stay as they are, take up {free}",
        f"{free} of the walls are doors and windows, which are left out",
    )
    around = s.find(2 * (long_ + wide), "the length of all walls", "the walls are @ long in all", METERS)
    walls = s.find(around * high, "the area of the walls", "the walls have @", _SQUARE)
    area = s.find(walls - free, "the area to be painted", "@ are to be painted", _SQUARE)
    if s.chance(0.25):
        hourly = s.dollars(s.whole(3, 12), "the price of a square meter", "a square meter costs @")
        s.say(
            f"a painter would charge {hourly} for each square meter",
            f"{a} asks a painter, who takes {hourly} per square meter",
        )
        cost = s.find(area * hourly, "the price of the work", "the work costs @", DOLLARS)
        s.ask(cost, "how much would the painter charge", f"what would {a} have to pay a painter")
        return
    coats = s.given(s.whole(2, 3), "the number of coats", "# coats are needed")
    covers = s.given(s.whole(5, 12), "the area for a liter", "a liter covers @", _SQUARE)
    s.say(
        f"{coats} coats are needed, and a liter of paint covers {covers}",
        f"every spot gets {coats} coats, and a liter is enough to paint {covers} once",
    )
    twice = s.find(area * coats, "the area with all coats", "with all coats it is @", _SQUARE)
    liters = s.find(twice / covers, "the paint needed", f"{a} needs @ of paint", LITERS)
    if s.chance(0.4):
        s.ask(liters, f"how many liters of paint does {a} need", "how many liters of paint does that take")
        return
    price = s.dollars(s.whole(4, 18), "the price of a liter", "a liter costs @")
    s.say(f"the paint costs {price} a liter", f"{a} buys paint for {price} a liter")
    cost = s.find(liters * price, "the cost of the paint", "the paint costs @", DOLLARS)
    s.ask(cost, f"how much does {a} pay for the paint", "what does the paint cost")


def tiles(s: Story) -> None:
    """Cover a floor with square tiles: centimeters to meters, tiles to packs, a reserve for breakage."""
    a = s.person()
    side = s.given(s.one(20, 25, 50), "the side of a tile", "a tile is @ wide", _CENTIMETERS)
    long_ = s.given(s.whole(2, 8), "the length of the floor", "the floor is @ long", METERS)
    wide = s.given(s.whole(2, 6), "the width of the floor", "the floor is @ wide", METERS)
    where = s.one("bathroom", "porch", "kitchen", "entrance hall", "laundry room")
    s.say(
        f"the floor of {a}'s {where} is {long_} long and {wide} wide and gets square tiles with sides of {side}",
        f"{a} lays square tiles in a {where} of {long_} by {wide}. Each side of a tile measures {side}",
    )
    meter = s.find(
        per(100, "centimeters per meter") / side, "the number of tiles along a meter", "@ make a meter", _TILES
    )
    along = s.find(meter * long_, "the number of tiles along the floor", "@ lie along the floor", _TILES)
    across = s.find(meter * wide, "the number of tiles across the floor", "@ lie across the floor", _TILES)
    need = s.find(along * across, "the number of tiles on the floor", "@ cover the floor", _TILES)
    if s.chance(0.5):
        rate = s.rate(s.one(5, 10, 20, 25), "the reserve in percent", "the reserve is @")
        s.say(
            f"{a} takes {rate} more than the floor needs, in case some break",
            f"{rate} more than needed are ordered because some may break",
        )
        spare = s.find(percent(rate, need), "the number of spare tiles", "@ are spare", _TILES)
        need = s.find(need + spare, "the number of tiles with the reserve", f"{a} takes @ in all", _TILES)
    if s.chance(0.35):
        s.ask(need, f"how many tiles does {a} need in all", "how many tiles are needed in all")
        return
    pack = s.given(s.whole(4, 12), "the number of tiles in a pack", "a pack has @", _TILES)
    price = s.dollars(s.whole(9, 40), "the price of a pack", "a pack costs @")
    s.say(f"they come in packs of {pack:n} for {price}", f"a pack of {pack:n} tiles costs {price}")
    packs = s.find(need / pack, "the number of packs", f"{a} buys @", _PACKS)
    cost = s.find(packs * price, "the cost of the tiles", "the tiles cost @", DOLLARS)
    s.ask(cost, f"how much does {a} pay for the tiles", "what do these tiles cost")


def rope(s: Story) -> None:
    """Cut a length into pieces of two lengths; meters and centimeters."""
    a = s.person()
    what, use = s.one(
        ("rope", "swings"), ("ribbon", "bows"), ("wire", "lamps"), ("cloth", "curtains"), ("hose", "garden beds"),
        ("leather strap", "belts"),
    )  # fmt: skip
    whole = s.given(s.whole(4, 24), f"the length of the {what}", f"the {what} is @ long", METERS)
    n = s.given(s.whole(2, 14), "the number of long pieces", f"{a} cuts # long pieces")
    x = s.given(s.whole(70, 240, 10), "the length of a long piece", "a long piece has @", _CENTIMETERS)
    s.say(
        f"from {whole} of {what}, {a} first cuts {n} pieces of {x} for {use}",
        f"{a} needs {n} pieces of {x} for {use} and cuts them from {whole} of {what}",
    )
    all_ = s.find(
        whole * per(100, "centimeters per meter"), f"the {what} in centimeters", f"the {what} has @", _CENTIMETERS
    )
    used = s.find(n * x, "the length of the long pieces", "the long pieces take @", _CENTIMETERS)
    rest = s.find(all_ - used, "the length that is left", "@ are left", _CENTIMETERS)
    if s.chance(0.5):
        parts = [k for k in range(3, 21) if rest.value % k == 0]
        if not parts:
            raise UnfitError(rest.name)
        m = s.given(s.one(*parts), "the number of other pieces", f"{a} cuts the rest into # pieces")
        s.say(
            f"the rest is divided into {m} equal pieces",
            f"{a.he} then cuts what is left into {m} pieces of equal length",
        )
        each = s.find(rest / m, "the length of a piece of the rest", "a piece of the rest has @", _CENTIMETERS)
        if s.chance(0.5):
            s.ask(each, "how long is each of these pieces, in centimeters", "how many centimeters long is each of them")
            return
        gap = s.find(x - each, "the difference between the pieces", "the difference is @", _CENTIMETERS)
        s.ask(
            gap,
            "by how many centimeters is a piece of the rest shorter than one of the first pieces",
            "how many centimeters longer is one of the first pieces than a piece of the rest",
        )
        return
    y = s.given(s.whole(15, 60, 5), "the length of a short piece", "a short piece has @", _CENTIMETERS)
    s.say(f"{a} cuts the rest into short pieces of {y}", f"what remains becomes short pieces of {y} each")
    count = s.find(rest / y, "the number of short pieces", f"{a} gets @", _PIECES)
    total = s.find(count + n, "the number of pieces", "there are @", _PIECES)
    if s.chance(0.5):
        s.ask(count, f"how many short pieces does {a} get", "how many of the short pieces will there be")
        return
    s.ask(total, f"how many pieces does {a} have in all", "how many pieces, long and short, will there be")


def drip(s: Story) -> None:
    """Let a tap drip: drops a minute to liters, to money, or to the time until a bucket is full."""
    a = s.person()
    drops = s.given(s.whole(10, 90, 5), "the number of drops in a minute", "@ fall per minute", _DROPS)
    liter = s.given(s.one(2000, 3000, 4000, 5000), "the number of drops in a liter", "@ make a liter", _DROPS)
    s.say(
        f"{drops} of water fall from {a}'s kitchen tap every minute, and it takes {liter} to make one liter",
        f"a tap in {a}'s house loses {drops} of water a minute. A liter of water is about {liter}",
    )
    hour = s.find(drops * per(60, "minutes per hour"), "the number of drops in an hour", "@ fall per hour", _DROPS)
    if s.chance(0.5):
        bucket = s.given(s.whole(3, 20), "the size of the bucket", "the bucket holds @", LITERS)
        s.say(f"{a} puts a bucket of {bucket} below it", f"an empty bucket that holds {bucket} is put below the tap")
        need = s.find(bucket * liter, "the number of drops in the bucket", "the bucket holds @", _DROPS)
        hours = s.find(need / hour, "the time until the bucket is full", "the bucket is full after @", HOURS)
        s.ask(hours, "after how many hours is the bucket full", "how many hours does it take to fill the bucket")
        return
    day = s.find(hour * per(24, "hours per day"), "the number of drops in a day", "@ fall per day", _DROPS)
    liters = s.find(day / liter, "the water lost in a day", "@ are lost a day", LITERS)
    days = s.given(s.whole(5, 30, 5), "the number of days", "the tap drips for # days")
    total = s.find(liters * days, f"the water lost in {days} days", "@ are lost in that time", LITERS)
    s.say(f"{a} has it repaired after {days} days", f"the tap drips like this for {days} days")
    if s.chance(0.5):
        s.ask(total, "how many liters of water are lost in that time", "how many liters have been wasted by then")
        return
    can = s.given(s.whole(2, 9), "the water for a plant", "a plant needs @", LITERS)
    plants = s.find(total / can, "the number of plants", "that would be enough for # plants")
    s.say(f"each plant in the garden needs {can} of water", f"{a} gives every plant in the garden {can} of water")
    s.ask(
        plants,
        "how many plants could have been watered with the water that was lost",
        "for how many plants would the lost water have been enough",
    )


def load(s: Story) -> None:
    """Load a truck or an elevator with mixed things up to a limit."""
    a = s.person()
    what, limit = s.one(("truck", 2000), ("elevator", 800), ("trailer", 1200), ("boat", 900), ("cart", 600))
    (x, p), (y, q) = s.rng.sample(
        (("sacks of sand", 25), ("barrels", 60), ("crates of tools", 40), ("rolls of carpet", 30), ("bales of hay", 20),
         ("oak planks", 12), ("boxes of tiles", 18)), 2,
    )  # fmt: skip
    most = s.given(limit + s.whole(-200, 400, 20), f"the limit of the {what}", f"the {what} carries @", _KILOGRAMS)
    n = s.given(s.whole(4, 20), f"the number of {x}", f"there are # {x}")
    v = s.given(p + s.whole(-2, 8), f"the weight of each of the {x}", f"each of the {x} weighs @", _KILOGRAMS)
    w = s.given(q + s.whole(-2, 8), f"the weight of each of the {y}", f"each of the {y} weighs @", _KILOGRAMS)
    s.say(
        f"a {what} may carry {most}. {a} loads {n} {x} of {v} each",
        f"{a} puts {n} {x} that weigh {v} each on a {what} that can carry up to {most}",
    )
    one = s.find(n * v, f"the weight of the {x}", f"the {x} weigh @", _KILOGRAMS)
    if s.chance(0.4):
        s.say(f"the rest of the load will be {y}, which weigh {w} each", f"then come {y} of {w} each, up to the limit")
        room = s.find(most - one, f"the weight left for the {y}", f"@ are left for the {y}", _KILOGRAMS)
        more = s.find(room / w, f"the number of {y} that fit", f"# {y} fit")
        both = s.find(more + n, "the number of things on board", "# things are on board")
        if s.chance(0.5):
            s.ask(
                both,
                f"how many things can be on the {what} in all, {x} and {y}",
                f"with as many {y} as possible, how many {x} and {y} are there together",
            )
            return
        s.ask(more, f"how many {y} can {a} add", f"how many {y} may be loaded on top of that")
        return
    m = s.given(s.whole(3, 20), f"the number of {y}", f"there are # {y}")
    s.say(f"next to them are {m} {y} with a weight of {w} each", f"{m} {y} of {w} each are to go along")
    two = s.find(m * w, f"the weight of the {y}", f"the {y} weigh @", _KILOGRAMS)
    both = s.find(one + two, "the weight of everything", "everything weighs @", _KILOGRAMS)
    if both.value > most.value:
        over = s.find(both - most, "the excess weight", "the load is @ too heavy", _KILOGRAMS)
        s.ask(over, "how many kilograms too much is that", f"by how many kilograms is the {what} overloaded")
        return
    free = s.find(most - both, "the weight that is still allowed", "@ are still allowed", _KILOGRAMS)
    s.ask(free, f"how many kilograms can the {what} take in addition", "how many more kilograms may be loaded")


def cans(s: Story) -> None:
    """Collect cans for a deposit, from two people, against a goal."""
    a, b = s.people(2)
    what = s.one("class trip", "animal shelter", "new soccer net", "school garden", "neighborhood library")
    n = s.given(s.whole(20, 90), f"the number of cans {a} collects in a week", f"{a} collects @ a week", _CANS)
    rel = related(s, n, _CANS)
    other = f"{b} {{}} {rel.more} {rel.joint} {a}"
    s.say(
        f"for the {what}, {a} collects {n} a week and {other.format('collects')}",
        f"{a} and {b} collect cans for the {what}. Every week {a} brings {n:n} and {other.format('brings')}",
    )
    m = s.find(
        rel.how, f"the number of cans {b} collects in a week", f"{b} collects @ a week", _CANS,
        why=f"{b} collects {rel.more} {rel.joint} {a}",
    )  # fmt: skip
    both = s.find(n + m, "the number of cans in a week", "together they collect @ a week", _CANS)
    pay = s.given(s.one(5, 10, 15, 20, 25), "the deposit on a can", "there are @ back for each can", CENTS)
    s.say(f"they get {pay} back for each can", f"every can brings {pay}")
    cents = s.find(both * pay, "the deposit for a week in cents", "that makes @ a week", CENTS)
    money = s.find(
        cents / per(100, "cents per dollar"), "the deposit for a week in dollars", "they get @ a week", DOLLARS
    )
    if s.chance(0.5):
        weeks = s.given(s.whole(3, 10), "the number of weeks", "they do so for @", WEEKS)
        goal = s.dollars(s.whole(40, 400, 10), "the goal", "the goal is @")
        s.say(f"they would like to reach {goal} within {weeks}", f"their goal is {goal} in {weeks}")
        total = s.find(money * weeks, f"the money in {weeks}", f"they get @ in {weeks}", DOLLARS)
        if total.value > goal.value:
            over = s.find(total - goal, "the money beyond the goal", "they exceed the goal by @", DOLLARS)
            s.ask(over, "by how much will they exceed their goal", "how much more than the goal will they have")
            return
        short = s.find(goal - total, "the money missing to the goal", "they miss the goal by @", DOLLARS)
        s.ask(short, "by how much will they miss their goal", "how much money will be missing in the end")
        return
    has = s.dollars(s.whole(5, 100), "the money they have already", "they have @ already")
    lasts = [k for k in range(3, 16) if money.value * k % 1 == 0]
    if not lasts:
        raise UnfitError(money.name)
    goal = s.dollars(has.value + money.value * s.one(*lasts), "the goal", "the goal is @")
    s.say(f"they already have {has} and want to reach {goal}", f"the goal is {goal}, of which they have {has}")
    miss = s.find(goal - has, "the money missing", "they need @ more", DOLLARS)
    weeks = s.find(miss / money, "the number of weeks needed", "it takes them @", WEEKS)
    s.ask(weeks, "how many weeks will it take them to reach the goal", "in how many weeks will they have enough")


def candles(s: Story) -> None:
    """Burn candles at different rates: what is left, when they are equal, how long ago they were lit."""
    a = s.person()
    x, y = s.rng.sample(("red", "white", "green", "blue", "yellow", "striped"), 2)
    h = s.given(s.whole(14, 40), f"the height of the {x} candle", f"the {x} candle is @ tall", _CENTIMETERS)
    r = s.given(
        Fraction(s.one(3, 4, 6, 8, 10), 2), f"the rate of the {x} candle", f"the {x} one loses @ an hour", _CENTIMETERS
    )
    k = s.given(s.whole(8, 30), f"the height of the {y} candle", f"the {y} candle is @ tall", _CENTIMETERS)
    t = s.given(
        Fraction(s.one(1, 2, 4, 6), 2), f"the rate of the {y} candle", f"the {y} one loses @ an hour", _CENTIMETERS
    )
    s.say(
        f"{a} lights a {x} candle of {h} and a {y} candle of {k} at the same time",
        f"at the same moment {a} lights two candles, a {x} one of {h} and a {y} one of {k}",
    )
    s.say(
        f"the {x} one gets {r} shorter every hour, the {y} one {t}",
        f"each hour the {y} one loses {t} and the {x} one {r}",
    )
    if s.chance(0.4):
        gap = s.find(h - k, "the difference in height at first", "they differ by @ at first", _CENTIMETERS)
        gain = s.find(
            r - t, "the change of the difference in an hour", "the difference shrinks by @ an hour", _CENTIMETERS
        )
        time = s.find(gap / gain, "the time until they are equal", "they are equally tall after @", HOURS)
        if time.value * r.value >= h.value:
            raise UnfitError(time.name)
        s.ask(
            time, "after how many hours are they equally tall", "how many hours after that do both have the same height"
        )
        return
    if s.chance(0.4):
        hours = s.given(s.whole(2, 6), "the number of hours", "@ go by", HOURS)
        gone = s.find(r * hours, f"the part of the {x} candle that burns", f"@ of the {x} one burn", _CENTIMETERS)
        lost = s.find(t * hours, f"the part of the {y} candle that burns", f"@ of the {y} one burn", _CENTIMETERS)
        one = s.find(h - gone, f"what is left of the {x} candle", f"@ of the {x} one are left", _CENTIMETERS)
        two = s.find(k - lost, f"what is left of the {y} candle", f"@ of the {y} one are left", _CENTIMETERS)
        both = s.find(one + two, "what is left of both candles", "@ are left of both candles", _CENTIMETERS)
        s.ask(
            both,
            f"how many centimeters are left of both candles together after {hours}",
            f"put on top of each other, how tall would the two candles be after {hours}, in centimeters",
        )
        return
    one = s.find(h / r, f"the time of the {x} candle", f"the {x} candle burns for @", HOURS)
    two = s.find(k / t, f"the time of the {y} candle", f"the {y} candle burns for @", HOURS)
    low, high = sorted((one, two), key=lambda q: q.value)
    last = s.find(high - low, "the time with one candle", "only one candle burns for @", HOURS)
    s.ask(
        last, "for how many hours does only one of the two burn", "how many hours longer does one burn than the other"
    )


THINGS_PLOTS: Final[tuple[Callable[[Story], None], ...]] = (paint, tiles, rope, drip, load, cans, candles)
"""The plots."""
