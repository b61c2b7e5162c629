"""Plots about animals, plants, weather and things: feed, eggs, harvests, hedges, rain, leaks, paint, tiles, ropes."""

from collections.abc import Callable
from typing import Final

from genverify.data.algebra.story import Story, UnfitError, listed
from genverify.data.algebra.terms import DOLLARS, Noun, Op, per, percent
from genverify.data.algebra.words.lists import DAYS, DAYS_LONG, HOURS, LITERS, METERS, POUNDS, WEEKS
from genverify.data.algebra.words.relations import part_of, related

_EGGS, _HENS, _DOZENS = Noun("egg", "eggs"), Noun("hen", "hens"), Noun("dozen", "dozen")
_CENTIMETERS: Final = Noun("centimeter", "centimeters", places=1)
_KILOGRAMS: Final = Noun("kilogram", "kilograms", places=2)
_MILLIMETERS: Final = Noun("millimeter", "millimeters", places=1)
_DEGREES: Final = Noun("degree", "degrees", places=1)
_BIRDS, _CRATES = Noun("bird", "birds"), Noun("crate", "crates")
_SQUARE: Final = Noun("square meter", "square meters", places=2)


def feed(s: Story) -> None:
    """Feed two kinds of animals: how long the stock lasts, what must be bought, what a week costs."""
    a = s.person()
    x, p, y, q = s.one(
        (Noun("horse", "horses"), 20, Noun("pony", "ponies"), 10), (Noun("cow", "cows"), 26, Noun("calf", "calves"), 8),
        (Noun("goat", "goats"), 5, Noun("llama", "llamas"), 7), (Noun("pig", "pigs"), 6, Noun("piglet", "piglets"), 2),
        (Noun("sheep", "sheep"), 4, Noun("lamb", "lambs"), 2),
    )  # fmt: skip
    n = s.given(s.whole(3, 15), f"the number of {x}", f"{a} has @", x)
    eats = s.given(p + s.whole(0, 3), f"the food for a {x.one} each day", f"a {x.one} eats @ a day", POUNDS)
    other = s.given(q + s.whole(0, 2), f"the food for a {y.one} each day", f"a {y.one} eats @ a day", POUNDS)
    rel = related(s, n, y)
    m = s.find(rel.how, f"the number of {y}", f"{a} has @", y, why=f"{a} has {rel.more} {y} {rel.joint} {x}")
    s.say(
        f"{a} keeps {n} and {rel.more} {y} {rel.joint} {x}",
        f"on {a}'s farm there are {n}, and there are {rel.more} {y} {rel.joint} {x}",
    )
    s.say(
        f"every day, a {x.one} gets {eats} of food and a {y.one} gets {other}",
        f"a {y.one} eats {other} of food a day, while a {x.one} eats {eats}",
    )
    one = s.find(n * eats, f"the daily food for the {x}", f"the {x} eat @ a day", POUNDS)
    two = s.find(m * other, f"the daily food for the {y}", f"the {y} eat @ a day", POUNDS)
    daily = s.find(one + two, "the food for all animals each day", "all animals eat @ a day", POUNDS)
    if s.chance(0.5):
        days = s.whole(3, 40)
        stock = s.given(daily.value * days, "the stock of food", f"{a} has @ of food", POUNDS)
        s.say(f"there are {stock} of food in the barn", f"{a} has just bought {stock} of food")
        lasts = s.find(stock / daily, "the time the food lasts", "the food lasts for @", DAYS_LONG)
        s.ask(lasts, "for how many days will this food last", "how many days can the animals live on that")
        return
    sizes = [k for k in (10, 15, 20, 25, 30, 35, 40, 50) if daily.value * 7 % k == 0]
    if not sizes:
        raise UnfitError(daily.name)
    sack = s.given(s.one(*sizes), "the food in a sack", "a sack holds @", POUNDS)
    price = s.dollars(s.whole(8, 35), "the price of a sack", "a sack costs @")
    s.say(f"{a} buys the food in sacks of {sack} for {price} each", f"a sack with {sack} of food costs {price}")
    week = s.find(daily * per(7, "days per week"), "the food for a week", "the animals eat @ a week", POUNDS)
    sacks = s.find(week / sack, "the number of sacks for a week", "# sacks last for a week")
    cost = s.find(sacks * price, "the cost of the food for a week", "the food costs @ a week", DOLLARS)
    s.ask(cost, f"how much does the food for one week cost {a}", "what is the cost of the food in a week of seven days")


def hens(s: Story) -> None:
    """Count eggs in dozens: what they bring, or how many hens are missing for an order."""
    a = s.person()
    n = s.given(s.whole(6, 60), "the number of hens", f"{a} has @", _HENS)
    lays = s.given(s.whole(3, 6), "the number of eggs from a hen", "each hen lays @ a week", _EGGS)
    s.say(f"{a}'s {n} lay {lays} each per week", f"{a} keeps {n}, and each of them lays {lays} in a week")
    if s.chance(0.5):
        want = s.given(s.whole(6, 50), "the number of dozens wanted", f"{a} needs @ a week", _DOZENS)
        s.say(
            f"a café would like to buy {want:n} dozen eggs from {a} every week",
            f"{a} could sell {want:n} dozen eggs a week at the market",
        )
        need = s.find(want * per(12, "eggs per dozen"), "the number of eggs wanted", f"{a} needs @ a week", _EGGS)
        flock = s.find(need / lays, "the number of hens needed", f"{a} needs @", _HENS)
        if flock.value - n.value > 60:
            raise UnfitError(flock.name)
        more = s.find(flock - n, "the number of hens missing", "@ are missing", _HENS)
        if s.chance(0.5):
            price = s.dollars(s.whole(8, 30), "the price of a hen", "a hen costs @")
            s.say(f"a young hen costs {price}", f"{a} can buy young hens for {price} each")
            cost = s.find(more * price, "the cost of the new hens", "the new hens cost @", DOLLARS)
            s.ask(
                cost,
                f"how much would {a} have to spend on hens to have enough eggs for that",
                "what would it cost to buy the hens that are missing",
            )
            return
        s.ask(more, f"how many more hens does {a} need for that", "how many hens would have to be added")
        return
    shares = [k for k in range(1, 10) if (n.value * lays.value - 7 * k) % 12 == 0]
    if not shares:
        raise UnfitError(lays.name)
    eat = s.given(s.one(*shares), "the number of eggs eaten each day", "the family eats @ a day", _EGGS)
    price = s.dollars(s.money(2, 6), "the price of a dozen", "a dozen eggs cost @")
    s.say(
        f"{a.his} family eats {eat} a day, and the rest is sold at {price} a dozen",
        f"{a} sells them for {price} a dozen, except for {eat} a day that {a.his} family eats",
    )
    eggs = s.find(n * lays, "the number of eggs in a week", "the hens lay @ a week", _EGGS)
    gone = s.find(
        eat * per(7, "days per week"), "the number of eggs eaten in a week", "the family eats @ a week", _EGGS
    )
    rest = s.find(eggs - gone, "the number of eggs sold", f"{a} sells @ a week", _EGGS)
    dozens = s.find(rest / per(12, "eggs per dozen"), "the number of dozens sold", f"{a} sells @ a week", _DOZENS)
    money = s.find(dozens * price, "the weekly income from the eggs", f"{a} gets @ a week for the eggs", DOLLARS)
    s.ask(money, f"how much does {a} get for the eggs in a week", f"what do the eggs bring {a} each week", then="money")


def harvest(s: Story) -> None:
    """Harvest an orchard: sort out a share, press a part to juice, fill the rest into crates."""
    a = s.person()
    fruit = s.one("apples", "pears", "plums", "cherries", "oranges", "olives")
    juice = "oil" if fruit == "olives" else "juice"
    rows = s.given(s.whole(4, 20), "the number of rows", f"{a} has # rows of trees")
    trees = s.given(s.whole(5, 25), "the number of trees in a row", "each row has # trees")
    each = s.given(
        s.whole(10, 60, 5), f"the weight of the {fruit} from a tree", f"a tree bears @ of {fruit}", _KILOGRAMS
    )
    s.say(
        f"{a}'s orchard has {rows} rows of {trees} trees, and on average a tree bears {each} of {fruit}",
        f"each tree in an orchard bears about {each} of {fruit}. {a} harvests {rows} rows with {trees} trees each",
    )
    count = s.find(rows * trees, "the number of trees", "there are # trees")
    total = s.find(count * each, f"the weight of the {fruit}", f"the trees bear @ of {fruit}", _KILOGRAMS)
    rate = s.rate(s.whole(5, 40, 5), f"the share of {fruit} that is pressed", f"@ of the {fruit} are pressed")
    pressed = s.find(
        percent(rate, total), f"the weight of the pressed {fruit}", f"@ of {fruit} are pressed", _KILOGRAMS
    )
    if s.chance(0.4):
        need = s.given(
            s.one(2, 4, 5), f"the weight of the {fruit} for a liter", f"a liter takes @ of {fruit}", _KILOGRAMS
        )
        price = s.dollars(s.whole(2, 12), "the price of a liter", f"a liter of {juice} brings @")
        s.say(
            f"{rate} of the harvest is pressed, and it takes {need} of {fruit} to make one liter of {juice}",
            f"one liter of {juice} takes {need} of {fruit}, and {rate} of the harvest is used for it",
        )
        s.say(f"a liter sells for {price}", f"{a} gets {price} for each liter")
        liters = s.find(pressed / need, f"the amount of {juice}", f"they give @ of {juice}", LITERS)
        money = s.find(liters * price, f"the income from the {juice}", f"the {juice} brings @", DOLLARS)
        s.ask(money, f"how much money does {a} make with the {juice}", f"what does the {juice} bring", then="money")
        return
    box = s.given(
        s.one(5, 8, 10, 12, 15, 20), f"the weight of the {fruit} in a crate", f"a crate holds @ of {fruit}", _KILOGRAMS
    )
    s.say(
        f"{rate} of the harvest goes into {juice}, and the rest is packed in crates of {box}",
        f"after {rate} of the harvest has been pressed, what remains is put into crates that hold {box} each",
    )
    rest = s.find(total - pressed, f"the weight of the other {fruit}", f"@ of {fruit} are left", _KILOGRAMS)
    crates = s.find(rest / box, "the number of crates", f"{a} fills @", _CRATES)
    s.ask(crates, f"how many crates does {a} fill", f"how many crates are needed for the {fruit}")


def hedge(s: Story) -> None:
    """Plant at equal distances, both ends included; or find how far a row of plants reaches."""
    a = s.person()
    plant = s.one(
        Noun("linden", "lindens"), Noun("rosebush", "rosebushes"), Noun("birch", "birches"), Noun("poplar", "poplars"),
        Noun("cherry tree", "cherry trees"), Noun("lilac bush", "lilac bushes"), Noun("palm tree", "palm trees"),
    )  # fmt: skip
    where = s.one("driveway", "garden path", "canal", "schoolyard wall", "footpath")
    gap = s.given(s.whole(2, 6), "the distance between neighbors", "neighbors are @ apart", METERS)
    if s.chance(0.35):
        n = s.given(s.whole(8, 40), f"the number of {plant}", "there are @", plant)
        s.say(
            f"{a} plants {n} in a single straight row along a {where}, {gap} apart from one another",
            f"along a {where}, {n} stand in one row with {gap} between neighbors, as {a} planned it",
        )
        gaps = s.find(n - 1, "the number of gaps", "there are # gaps")
        far = s.find(gaps * gap, "the length of the row", "the row is @ long", METERS)
        tape = s.given(s.whole(60, 300, 10), f"the length of the {where}", f"the {where} is @ long", METERS)
        s.say(f"the {where} is {tape} long", f"in all, the {where} has a length of {tape}")
        rest = s.find(tape - far, f"the part of the {where} without {plant}", f"@ have no {plant}", METERS)
        s.ask(
            rest,
            f"how many meters of the {where} have no {plant} beside them",
            f"along how many meters of the {where} are there no {plant}",
        )
        return
    long_ = s.given(gap.value * s.whole(6, 40), f"the length of the {where}", f"the {where} is @ long", METERS)
    s.say(
        f"a {where} is {long_} long, and {a} wants {plant} every {gap} from one end to the other, ends included",
        f"{a} sets {plant} along a {where} of {long_}, one at each end and the others {gap} apart in between",
    )
    gaps = s.find(long_ / gap, "the number of gaps", "there are # gaps")
    row = s.find(gaps + 1, f"the number of {plant} in a row", "a row has @", plant)
    if s.chance(0.5):
        s.say("there will be such a row on both sides", f"{a.he} does the same on the other side of the {where}")
        row = s.find(row * 2, f"the number of {plant} on both sides", "both sides have @", plant)
    if s.chance(0.4):
        has = s.given(s.whole(3, 30), f"the number of {plant} already there", f"{a} has @", plant)
        s.say(f"{has} have been delivered so far", f"{a} has got {has:n} of them already")
        more = s.find(row - has, f"the number of {plant} missing", "@ are missing", plant)
        s.ask(more, f"how many more {plant} does {a} need", f"how many {plant} are still missing")
        return
    price = s.dollars(s.whole(4, 35), f"the price of a {plant.one}", f"a {plant.one} costs @")
    s.say(f"a {plant.one} costs {price}", f"the nursery asks {price} for a {plant.one}")
    cost = s.find(row * price, f"the cost of the {plant}", f"the {plant} cost @", DOLLARS)
    s.ask(cost, f"how much does {a} spend on {plant}", f"what do all the {plant} cost")


def gauge(s: Story) -> None:
    """Average rain with a missing day, or compare a month with the usual amount."""
    a = s.person()
    at = s.whole(0, 3)
    days = DAYS[at : at + s.whole(3, 4)]
    rain = [s.given(s.whole(2, 30), f"the rain on {d}", f"@ of rain fell on {d}", _MILLIMETERS) for d in days[:-1]]
    told = listed([f"{q} on {d}" for q, d in zip(rain, days, strict=False)])
    s.say(
        f"{a}'s rain gauge showed {told}",
        f"{a} measures the rain every day. {a.he} wrote down {told}",
    )
    so_far = s.find(Op("+", tuple(rain)), "the rain so far", "@ of rain fell so far", _MILLIMETERS)
    last = days[-1]
    if s.chance(0.5):
        mean = s.given(s.whole(5, 25), "the average", "@ of rain fell on average", _MILLIMETERS)
        s.say(
            f"on {last}, {a.he} took no note, but {a.he} knows that the average from {days[0]} to {last} was {mean}",
            f"the average per day was {mean} with {last} included",
        )
        total = s.find(mean * len(days), f"the rain with {last}", f"@ fell with {last} included", _MILLIMETERS)
        found = s.find(total - so_far, f"the rain on {last}", f"@ of rain fell on {last}", _MILLIMETERS)
        s.ask(found, f"how many millimeters of rain fell on {last}", f"how much rain, in millimeters, came on {last}")
        return
    rel = related(s, so_far, _MILLIMETERS, much="rain")
    if " than " in rel.more:  # a bare number of millimeters
        raise UnfitError(last)
    found = s.find(
        rel.how, f"the rain on {last}", f"@ of rain fell on {last}", _MILLIMETERS,
        why=f"{last} brought {rel.more} {rel.joint} all days before",
    )  # fmt: skip
    s.say(
        f"a storm on {last} brought {rel.more} {rel.joint} all those days together",
        f"{last} came with a storm and {rel.more} {rel.joint} all the days before together",
    )
    total = s.find(so_far + found, "the rain on all days", "@ of rain fell in all", _MILLIMETERS)
    usual = s.given(s.whole(30, 120, 5), "the usual rain in this month", "@ are usual in this month", _MILLIMETERS)
    s.say(f"the usual amount for the whole month is {usual}", f"{usual} would be usual for the whole month")
    if total.value > usual.value:
        over = s.find(total - usual, "the rain beyond the usual amount", "that is @ more than usual", _MILLIMETERS)
        s.ask(over, "how many millimeters more than usual is that", "by how much is the usual amount exceeded")
        return
    more = s.find(usual - total, "the rain missing to the usual amount", "@ are still missing", _MILLIMETERS)
    s.ask(
        more,
        "how many millimeters must still fall to reach the usual amount",
        "how many more millimeters would make the usual amount",
    )


def seedlings(s: Story) -> None:
    """Let two plants grow: when one has caught up, how much they differ, or how tall one was before."""
    a = s.person()
    x, y = s.rng.sample(("bamboo", "sunflower", "bean plant", "young willow", "tomato plant", "banana plant"), 2)
    g = s.given(s.whole(2, 9), f"the growth of the {x} in a week", f"the {x} grows @ a week", _CENTIMETERS)
    way = s.whole(0, 2)
    if way == 0:
        h = s.given(s.whole(40, 150), f"the height of the {x}", f"the {x} is @ tall", _CENTIMETERS)
        weeks = s.given(s.whole(3, 12), "the number of weeks", f"{a} measured it @ ago", WEEKS)
        s.say(
            f"{a}'s {x} grows {g} each week and is {h} tall today", f"a {x} of {a}'s is {h} tall and grows {g} a week"
        )
        grown = s.find(g * weeks, f"the growth of the {x} in {weeks}", f"the {x} grew @", _CENTIMETERS)
        was = s.find(h - grown, f"the height of the {x} before", f"the {x} was @ tall", _CENTIMETERS)
        if s.chance(0.5):
            s.ask(
                was, f"how tall was it {weeks} ago, in centimeters", f"how many centimeters did it measure {weeks} ago"
            )
            return
        goal = s.given(h.value + g.value * s.whole(2, 15), "the height wanted", f"{a} wants @", _CENTIMETERS)
        s.say(
            f"{a} will move it outside when it is {goal} tall, and measured it for the first time {weeks} ago",
            f"{a.he} first measured it {weeks} ago, and once it is {goal} tall {a.he} will move it outside",
        )
        miss = s.find(goal - h, "the height missing", "@ are missing", _CENTIMETERS)
        more = s.find(miss / g, "the number of weeks to go", "it takes @ more", WEEKS)
        total = s.find(weeks + more, "the number of weeks in all", "it takes @ in all", WEEKS)
        s.ask(
            total,
            "how many weeks will there be between the first measurement and the move",
            "how many weeks after the first measurement will it be moved",
        )
        return
    f = s.given(s.whole(1, 7), f"the growth of the {y} in a week", f"the {y} grows @ a week", _CENTIMETERS)
    if f.value == g.value:
        raise UnfitError(f.name)
    h = s.given(s.whole(5, 40), f"the height of the {x}", f"the {x} is @ tall", _CENTIMETERS)
    k = s.given(s.whole(20, 90), f"the height of the {y}", f"the {y} is @ tall", _CENTIMETERS)
    s.say(
        f"{a} has a {x} of {h} that grows {g} a week and a {y} of {k} that grows {f} a week",
        f"a {y} in {a}'s garden is {k} tall and gains {f} every week. The {x} beside it measures {h} and gains {g}",
    )
    if way == 1:
        gap = s.find(k - h, f"the lead of the {y}", f"the {y} is @ taller", _CENTIMETERS)
        gain = s.find(g - f, f"what the {x} gains in a week", f"the {x} comes @ closer a week", _CENTIMETERS)
        weeks = s.find(gap / gain, "the time until both are equally tall", "it takes @", WEEKS)
        s.ask(weeks, "after how many weeks will both be equally tall", f"how many weeks does the {x} need to catch up")
        return
    weeks = s.given(s.whole(2, 9), "the number of weeks", "@ go by", WEEKS)
    up = s.find(g * weeks, f"the growth of the {x} in that time", f"the {x} will grow by @", _CENTIMETERS)
    more = s.find(f * weeks, f"the growth of the {y} in that time", f"the {y} will grow by @", _CENTIMETERS)
    one = s.find(h + up, f"the height of the {x} then", f"the {x} will be @ tall", _CENTIMETERS)
    two = s.find(k + more, f"the height of the {y} then", f"the {y} will be @ tall", _CENTIMETERS)
    low, high = sorted((one, two), key=lambda q: q.value)
    gap = s.find(high - low, "the difference in height", "the difference is @", _CENTIMETERS)
    s.ask(gap, f"by how many centimeters will they differ after {weeks}", f"what will the difference be in {weeks}")


def flock(s: Story) -> None:
    """Follow birds on a lake through a season, or on their way south."""
    a = s.person()
    kind = s.one("geese", "cranes", "swallows", "storks", "wild ducks")
    if s.chance(0.5):
        n = s.given(s.whole(80, 900, 20), f"the number of {kind} in September", "there were @ in September", _BIRDS)
        share, words = part_of(s)
        come = s.given(s.whole(10, 150, 5), "the number of birds that arrived", "@ arrived in October", _BIRDS)
        rate = s.rate(s.whole(10, 80, 10), "the share that left in November", "@ left in November")
        s.say(
            f"in September, {a} counted {n:n} {kind} on a lake. By October {words} had left and {come:n} had come",
            f"of the {n:n} {kind} that {a} saw on a lake in September, {words} flew off by October, when {come:n} new "
            f"ones arrived",
        )
        s.say(
            f"{rate} of those that were there in October left in November",
            f"in November, {rate} of the {kind} on the lake at that time flew off",
        )
        gone = s.find(share * n, "the number of birds that left first", "@ left by October", _BIRDS)
        stay = s.find(n - gone, "the number of birds that stayed", "@ stayed until October", _BIRDS)
        then = s.find(stay + come, "the number of birds in October", "there were @ in October", _BIRDS)
        off = s.find(percent(rate, then), "the number of birds that left in November", "@ left in November", _BIRDS)
        left = s.find(then - off, "the number of birds for the winter", "@ stayed for the winter", _BIRDS)
        s.ask(left, f"how many {kind} stayed for the winter", f"how many {kind} were left on the lake after that")
        return
    v = s.given(s.whole(25, 60, 5), "the speed", "the birds fly @ per hour", Noun("kilometer", "kilometers"))
    hours = s.given(s.whole(4, 12), "the time of flight each day", "they fly @ a day", HOURS)
    far = s.given(s.whole(1000, 6000, 100), "the length of the way", "the way is @ long", v.noun)
    rest = s.given(s.whole(2, 14), "the number of days of rest", "they rest for @", DAYS_LONG)
    s.say(
        f"{a} reads that {kind} fly {v} per hour for {hours} a day and that their way south is {far} long",
        f"the way south is {far} long for the {kind} that {a} watches. They fly for {hours} a day at {v} per hour",
    )
    s.say(
        f"they also spend {rest} resting, when they do not fly at all",
        f"they do not fly on the {rest} that they spend resting",
    )
    daily = s.find(v * hours, "the distance in a day", "they fly @ a day", v.noun)
    days = s.find(far / daily, "the number of days of flight", "they fly on @", DAYS_LONG)
    total = s.find(days + rest, "the number of days on the way", "they are on the way for @", DAYS_LONG)
    s.ask(total, f"how many days are the {kind} on the way", "how many days does the journey last with the rests")


NATURE: Final[tuple[Callable[[Story], None], ...]] = (feed, hens, harvest, hedge, gauge, seedlings, flock)
"""The plots."""
