"""Plots about time, distance, age, fuel, recipes, lengths and areas."""

from collections.abc import Callable
from typing import Final

from genverify.data.algebra.story import Story
from genverify.data.algebra.terms import DOLLARS, Noun, per, percent
from genverify.data.algebra.words.lists import (
    CUPS,
    DAYS_LONG,
    FEET,
    GALLONS,
    HOURS,
    KILOMETERS,
    LITERS,
    METERS,
    MILES,
    MINUTES,
    POUNDS,
    TIMES,
    WEEKS,
    YEARS,
)


def trip(s: Story) -> None:
    """Travel two stretches at two speeds."""
    a = s.person()
    unit = s.one(MILES, KILOMETERS)
    go, goes = s.one(("drive", "drives"), ("cycle", "cycles"), ("travel", "travels"))
    fast = 12 if go == "cycle" else 60
    v1 = s.given(
        s.whole(fast // 2, fast, 2), "the speed on the first part", f"{a} {goes} @ per hour on the first part", unit
    )
    t1 = s.given(s.whole(2, 6), "the time of the first part", "the first part takes @", HOURS)
    v2 = s.given(
        s.whole(fast // 2, fast + 10, 2),
        "the speed on the second part",
        f"{a} {goes} @ per hour on the second part",
        unit,
    )
    t2 = s.given(s.whole(2, 5), "the time of the second part", "the second part takes @", HOURS)
    s.say(
        f"{a} {goes} for {t1} at {v1} per hour and then for {t2} at {v2} per hour",
        f"{a} {goes} {t1} at a speed of {v1} per hour. After a break {a.he} goes on for {t2} at {v2} per hour",
    )
    d1 = s.find(v1 * t1, "the length of the first part", "the first part is @ long", unit)
    d2 = s.find(v2 * t2, "the length of the second part", "the second part is @ long", unit)
    total = s.find(d1 + d2, "the length of the trip", f"{a} {goes} @ in total", unit)
    way = s.whole(0, 2)
    if way == 0:
        s.ask(total, f"how many {unit} does {a} {go} in total", f"how long is the whole trip in {unit}")
    elif way == 1:
        time = s.find(t1 + t2, "the total time", "the trip takes @", HOURS)
        mean = s.find(total / time, "the average speed", "the average speed is @ per hour", unit)
        s.ask(
            mean,
            f"what is {a}'s average speed in {unit} per hour, not counting breaks",
            f"what was the average speed while moving, in {unit} per hour",
        )
    else:
        whole = s.given(s.whole(200, 700, 10), "the distance to go in all", "the whole way is @ long", unit)
        left = s.find(whole - total, "the distance that is left", "@ are left", unit)
        s.say(f"{a.his} destination is {whole} from where {a.he} started")
        s.ask(left, f"how many {unit} does {a} still have to go", "how far is it still to the destination")


def fuel(s: Story) -> None:
    """Fuel for a trip and what it costs."""
    a = s.person()
    mpg = s.given(s.whole(18, 50), "the distance on one gallon", f"{a}'s car goes @ on a gallon", MILES)
    miles = s.given(s.whole(2, 14) * mpg.value, "the distance", "the trip is @ long", MILES)
    price = s.dollars(s.money(2, 5), "the price of a gallon", "a gallon costs @")
    s.say(
        f"{a}'s car goes {mpg} on one gallon of gas, and gas costs {price} a gallon",
        f"{a} drives a car that gets {mpg} per gallon. A gallon of gas costs {price}",
    )
    if s.chance(0.5):
        days = s.given(s.whole(2, 6), "the number of trips", f"{a} makes the trip @ times")
        s.say(f"{a.he} makes a trip of {miles} {days} times", f"{a.he} drives {miles} on each of {days} days")
        all_ = s.find(miles * days, "the total distance", f"{a} drives @ in all", MILES)
    else:
        s.say(
            f"{a.he} drives to a town {miles} away and back again",
            f"{a.he} visits a friend who lives {miles} away and returns the same way",
        )
        all_ = s.find(miles * 2, "the distance there and back", f"{a} drives @ there and back", MILES)
    gallons = s.find(all_ / mpg, "the gas needed", f"{a} needs @ of gas", GALLONS)
    cost = s.find(gallons * price, "the cost of the gas", "the gas costs @", DOLLARS)
    if s.chance(0.25):
        s.ask(gallons, "how many gallons of gas does that take")
        return
    s.ask(cost, f"how much does {a} spend on gas", "what does the gas cost in total")


def ages(s: Story) -> None:
    """Ages of relatives now and in some years."""
    a, b, c = s.people(3)
    base = s.given(s.whole(4, 18), f"{a}'s age", f"{a} is # years old", YEARS)
    k = s.whole(2, 4)
    s.say(f"{a} is {base:n} years old")
    if s.chance(0.5):
        second = s.find(base * k, f"{b}'s age", f"{b} is # years old", YEARS, why=f"{b} is {TIMES[k]} as old as {a}")
        s.say(f"{b} is {TIMES[k]} as old as {a}")
    else:
        x = s.given(s.whole(2, 12), "the difference in age", "", YEARS)
        second = s.find(base + x, f"{b}'s age", f"{b} is # years old", YEARS, why=f"{b} is {x} older than {a}")
        s.say(f"{b} is {x} older than {a}", f"{a} is {x} younger than {b}")
    y = s.given(s.whole(2, 9), f"the years between {b} and {c}", f"{c} and {b} are @ apart", YEARS)
    if s.chance(0.5):
        third = s.find(second - y, f"{c}'s age", f"{c} is # years old", YEARS, why=f"{c} is {y} younger than {b}")
        s.say(f"{c} is {y} younger than {b}")
    else:
        third = s.find(second + y, f"{c}'s age", f"{c} is # years old", YEARS, why=f"{c} is {y} older than {b}")
        s.say(f"{c} is {y} older than {b}")
    way = s.whole(0, 2)
    if way == 0:
        total = s.find(base + second + third, "the sum of their ages", "the sum of their ages is #", YEARS)
        s.ask(total, "what is the sum of their ages", f"how old are {a}, {b} and {c} together")
    elif way == 1:
        n = s.given(s.whole(2, 20), "the number of years from now", "@ go by", YEARS)
        later = s.find(third + n, f"{c}'s age then", f"{c} will be # years old then", YEARS)
        s.ask(later, f"how old will {c} be in {n}", f"what will {c}'s age be {n} from now")
    else:
        total = s.find(base + second + third, "the sum of their ages", "the sum of their ages is #", YEARS)
        mean = s.find(total / 3, "their average age", "their average age is #", Noun("year", "years", places=1))
        s.ask(mean, "what is their average age", f"what is the average age of {a}, {b} and {c}")


def practice(s: Story) -> None:
    """Minutes a day to hours in weeks."""
    a = s.person()
    what = s.one(
        "practices the piano",
        "jogs",
        "practices the violin",
        "studies French",
        "walks the dog",
        "does yoga",
        "trains at the gym",
        "plays chess online",
        "draws",
    )
    minutes = s.given(s.whole(15, 90, 5), "the minutes on each day", f"{a} {what} for @ on those days", MINUTES)
    days = s.given(s.whole(2, 7), "the days in a week", f"{a} does so on @ a week", DAYS_LONG)
    weeks = s.given(s.whole(2, 12), "the number of weeks", f"{a} does so for @", WEEKS)
    s.say(f"{a} {what} for {minutes} on {days} of every week", f"on {days} a week, {a} {what} for {minutes}")
    weekly = s.find(minutes * days, "the minutes in a week", "that makes @ a week", MINUTES)
    total = s.find(weekly * weeks, f"the minutes in {weeks}", f"that makes @ in {weeks}", MINUTES)
    if s.chance(0.75):
        hours = s.find(total / per(60, "minutes per hour"), f"the hours in {weeks}", f"that makes @ in {weeks}", HOURS)
        s.ask(hours, f"how many hours is that in {weeks}", f"how many hours does {a} spend on this in {weeks}")
        return
    s.ask(total, f"how many minutes is that in {weeks}", f"how many minutes does {a} spend on this in {weeks}")


def recipe(s: Story) -> None:
    """Scale a recipe to more people, and buy what is missing."""
    a = s.person()
    stuff = s.one("flour", "sugar", "rice", "milk", "oats")
    serves = s.given(s.whole(2, 8), "the number of people the recipe serves", "the recipe serves @ people")
    cups = s.given(s.whole(2, 9), f"the {stuff} in the recipe", f"the recipe needs @ of {stuff}", CUPS)
    guests = s.given(serves.value * s.whole(2, 8), "the number of guests", "there are @ guests")
    s.say(
        f"a recipe for {serves} people needs {cups} of {stuff}",
        f"{a} has a recipe that serves {serves} people and takes {cups} of {stuff}",
    )
    s.say(f"{a} wants to cook for {guests} people", f"{a} is expecting {guests} people")
    times = s.find(guests / serves, "how many times the recipe is made", "the recipe is made # times")
    need = s.find(times * cups, f"the {stuff} needed", f"{a} needs @ of {stuff}", CUPS)
    if s.chance(0.5):
        has = s.given(s.whole(1, 12), f"the {stuff} {a} has", f"{a} has @ of {stuff} at home", CUPS)
        buy = s.find(need - has, f"the {stuff} {a} has to buy", f"{a} has to buy @ of {stuff}", CUPS)
        s.say(f"{a.he} has {has} of {stuff} at home", f"there are only {has} of {stuff} in the kitchen")
        s.ask(buy, f"how many more cups of {stuff} does {a} need", f"how many cups of {stuff} does {a} have to buy")
        return
    s.ask(need, f"how many cups of {stuff} does {a} need")


def fence(s: Story) -> None:
    """Fence or cover a rectangle and pay for it."""
    a = s.person()
    unit = s.one(FEET, METERS)
    what = s.one("garden", "yard", "playground", "field", "pool area")
    long_ = s.given(s.whole(8, 60), "the length", f"the {what} is @ long", unit)
    wide = s.given(s.whole(4, 40), "the width", f"the {what} is @ wide", unit)
    s.say(
        f"{a} has a rectangular {what} that is {long_} long and {wide} wide",
        f"{a}'s rectangular {what} measures {long_} by {wide}",
    )
    price = s.dollars(s.whole(2, 25), f"the price for one {unit.one}", "the price is @")
    if s.chance(0.5):
        half = s.find(long_ + wide, "the length and the width together", "length and width add up to @", unit)
        around = s.find(half * 2, "the perimeter", "the perimeter is @", unit)
        s.say(
            f"a fence costs {price} per {unit.one}", f"{a.he} wants to put up a fence that costs {price} a {unit.one}"
        )
        cost = s.find(around * price, "the cost of the fence", "the fence costs @", DOLLARS)
        s.ask(cost, f"how much does it cost to fence the {what}", "what does the fence cost")
        return
    square = Noun(f"square {unit.one}", f"square {unit.many}", places=1)
    area = s.find(long_ * wide, "the area", "the area is @", square)
    s.say(f"new grass costs {price} per square {unit.one}", f"covering it costs {price} for each square {unit.one}")
    cost = s.find(area * price, f"the cost for the {what}", f"covering the {what} costs @", DOLLARS)
    s.ask(cost, f"how much does it cost to cover the whole {what}", "what is the total cost")


def tank(s: Story) -> None:
    """Fill or drain a tank at a rate."""
    size = s.given(s.whole(60, 600, 10), "the size of the tank", "the tank holds @", LITERS)
    part = s.rate(s.whole(10, 60, 10), "the part that is full", "@ of the tank is full")
    what = s.one("tank", "aquarium", "pool", "barrel")
    s.say(f"a {what} holds {size} of water and is {part} full", f"a {what} of {size} is filled to {part}")
    there = s.find(percent(part, size), f"the water in the {what}", f"there are @ in the {what}", LITERS)
    rate = s.given(s.whole(3, 25), "the water that flows in each minute", "@ flow in each minute", LITERS)
    if s.chance(0.5):
        miss = s.find(size - there, "the water that is missing", "@ are missing", LITERS)
        time = s.find(miss / rate, "the time to fill it", f"it takes @ to fill the {what}", MINUTES)
        s.say(f"a hose adds {rate} each minute", f"water is added at {rate} per minute")
        s.ask(time, f"how many minutes does it take to fill the {what}", f"after how many minutes is the {what} full")
        return
    minutes = s.given(s.whole(2, 12), "the number of minutes", "the hose runs for @", MINUTES)
    more = s.find(rate * minutes, "the water that is added", "@ are added", LITERS)
    now = s.find(there + more, "the water in the end", f"there are @ in the {what} in the end", LITERS)
    s.say(f"a hose that delivers {rate} a minute runs into it for {minutes}")
    s.ask(now, f"how many liters are in the {what} then", "how many liters of water does it hold now")


def weight(s: Story) -> None:
    """Load a truck with several kinds of things."""
    x, y = s.things("materials", 2)
    n = s.given(s.whole(5, 60), f"the number of {x}", "there are @", x)
    w = s.given(s.whole(3, 40), f"the weight of one {x.one}", f"one {x.one} weighs @", POUNDS)
    m = s.given(s.whole(4, 50), f"the number of {y}", "there are @", y)
    v = s.given(s.whole(3, 40), f"the weight of one {y.one}", f"one {y.one} weighs @", POUNDS)
    s.say(
        f"a truck is loaded with {n} of {w} each and {m} of {v} each",
        f"a truck carries {n} that weigh {w} each, as well as {m} at {v} apiece",
    )
    first = s.find(n * w, f"the weight of the {x}", f"the {x} weigh @", POUNDS)
    second = s.find(m * v, f"the weight of the {y}", f"the {y} weigh @", POUNDS)
    total = s.find(first + second, "the weight of the load", "the load weighs @", POUNDS)
    if s.chance(0.5):
        limit = s.given(s.whole(1000, 5000, 100), "the limit", "the truck may carry @", POUNDS)
        room = s.find(limit - total, "the weight that can still be added", "@ can still be added", POUNDS)
        s.say(f"the truck can carry at most {limit}")
        s.ask(room, "how many more pounds could be loaded", "how many pounds are left before the limit is reached")
        return
    s.ask(total, "how many pounds does the load weigh", "what is the weight of the whole load in pounds")


def running(s: Story) -> None:
    """Two people run; compare distances over a week."""
    a, b = s.people(2)
    unit = s.one(MILES, KILOMETERS)
    n = s.given(s.whole(2, 9), f"{a}'s daily distance", f"{a} runs @ a day", unit)
    days = s.given(s.whole(3, 7), f"the days on which {a} runs", f"{a} runs on @ a week", DAYS_LONG)
    m = s.given(s.whole(2, 10), f"{b}'s daily distance", f"{b} runs @ a day", unit)
    more = s.given(s.whole(2, 6), f"the days on which {b} runs", f"{b} runs on @ a week", DAYS_LONG)
    s.say(f"{a} runs {n} a day, {days} a week", f"every week {a} runs {n} on each of {days}")
    s.say(
        f"{b} runs {m} a day, but only {more} a week"
        if more.value < days.value
        else f"{b} runs {m} a day, {more} a week"
    )
    one = s.find(n * days, f"{a}'s weekly distance", f"{a} runs @ a week", unit)
    two = s.find(m * more, f"{b}'s weekly distance", f"{b} runs @ a week", unit)
    weeks = s.given(s.whole(2, 8), "the number of weeks", "they keep it up for @", WEEKS)
    if s.chance(0.5):
        gap = s.find(one - two, f"how much farther {a} runs a week", f"{a} runs @ more than {b} each week", unit)
        all_ = s.find(
            gap * weeks, f"how much farther {a} runs in {weeks}", f"{a} runs @ more than {b} in {weeks}", unit
        )
        s.ask(all_, f"how many more {unit} does {a} run than {b} in {weeks}")
        return
    both = s.find(one + two, "the distance both run in a week", "together they run @ a week", unit)
    all_ = s.find(both * weeks, f"the distance both run in {weeks}", f"together they run @ in {weeks}", unit)
    s.ask(
        all_,
        f"how many {unit} do they run together in {weeks}",
        f"what distance, in {unit}, do both of them cover in {weeks}",
    )


def pieces(s: Story) -> None:
    """Cut a length, or pour a volume, into parts that are given in a smaller unit."""
    a = s.person()
    big, small, factor, stuff, part, verb = s.one(
        (FEET, "inch|inches", 12, "rope", "piece", "cuts"),
        (METERS, "centimeter|centimeters", 100, "ribbon", "strip", "cuts"),
        (LITERS, "milliliter|milliliters", 1000, "juice", "glass", "pours"),
        (POUNDS, "ounce|ounces", 16, "coffee", "bag", "fills"),
        (Noun("kilogram", "kilograms", places=1), "gram|grams", 1000, "flour", "bag", "fills"),
    )
    one, many = small.split("|")
    unit = Noun(one, many)
    plural = "glasses" if part == "glass" else f"{part}s"
    whole = s.given(s.whole(2, 30), f"the {stuff} in {big}", f"{a} has @ of {stuff}", big)
    each = s.given(factor // s.one(2, 4, 5), f"the size of one {part}", f"each {part} takes @", unit)
    s.say(
        f"{a} has {whole} of {stuff} and {verb} it into {plural} of {each} each"
        if verb != "fills"
        else f"{a} has {whole} of {stuff} and fills {plural} with {each} each"
    )
    s.say(f"there are {factor:,} {unit.many} in a {big.one}") if s.chance(0.4) else None
    all_ = s.find(
        whole * per(factor, f"{unit.many} per {big.one}"), f"the {stuff} in {unit}", f"{a} has @ of {stuff}", unit
    )
    count = s.find(all_ / each, f"the number of {plural}", f"{a} gets @", Noun(part, plural))
    if s.chance(0.5):
        s.ask(count, f"how many {plural} does {a} get", f"how many {plural} is that")
        return
    price = s.dollars(s.whole(1, 9), f"the price of one {part}", f"one {part} costs @")
    money = s.find(count * price, f"the money {a} gets for the {plural}", f"{a} gets @ for the {plural}", DOLLARS)
    s.say(f"every {part} is sold for {price}")
    s.ask(money, f"how much money does {a} get for all of them", f"how much does {a} take in", then="money")


def pace(s: Story) -> None:
    """Do so much a minute for hours; perhaps a break is taken off."""
    a = s.person()
    do, does, thing = s.one(
        ("type", "types", Noun("word", "words")), ("walk", "walks", Noun("step", "steps")),
        ("pump", "pumps", Noun("liter", "liters")), ("check", "checks", Noun("ticket", "tickets")),
        ("fold", "folds", Noun("leaflet", "leaflets")), ("peel", "peels", Noun("potato", "potatoes")),
    )  # fmt: skip
    rate = s.given(s.whole(3, 24), f"the number of {thing} a minute", f"{a} {does} @ a minute", thing)
    hours = s.given(s.whole(1, 6), "the number of hours", f"{a} is there for @", HOURS)
    s.say(f"{a} can {do} {rate} a minute", f"{a} {does} {rate} every minute")
    minutes = s.find(hours * per(60, "minutes per hour"), "the time in minutes", f"{a} is there for @", MINUTES)
    if s.chance(0.5):
        rest = s.given(s.whole(5, 55, 5), "the length of the breaks", f"{a} takes @ of breaks", MINUTES)
        s.say(f"{a.he} does this for {hours}, out of which {a.he} takes {rest} of breaks")
        minutes = s.find(minutes - rest, "the minutes without the breaks", f"{a} works for @", MINUTES)
    else:
        s.say(f"{a.he} keeps this up for {hours}", f"{a.he} goes on like this for {hours}")
    total = s.find(rate * minutes, f"the number of {thing}", f"{a} {does} @ in that time", thing)
    s.ask(total, f"how many {thing} does {a} {do} in that time", f"how many {thing} is that in all")


def monthly(s: Story) -> None:
    """Put something aside each month, or spend it each week, over years."""
    a = s.person()
    years = s.given(s.whole(2, 6), "the number of years", "it goes on for @", YEARS)
    if s.chance(0.5):
        x = s.dollars(s.whole(15, 250, 5), f"the amount {a} saves a month", f"{a} saves @ a month")
        s.say(f"{a} puts {x} aside every month for {years}", f"for {years}, {a} saves {x} each month")
        count = s.find(years * per(12, "months per year"), "the number of months", "that is @", Noun("month", "months"))
        total = s.find(count * x, f"the money {a} saves", f"{a} saves @ in all", DOLLARS)
        s.ask(total, f"how much does {a} save in that time", "how much money is that", then="money")
        return
    x = s.dollars(s.whole(5, 60), f"what {a} spends a week", f"{a} spends @ a week")
    what = s.one("snacks", "bus tickets", "coffee", "flowers", "magazines")
    s.say(f"{a} spends {x} a week on {what}", f"every week, {a} pays {x} for {what}")
    yearly = s.find(x * per(52, "weeks per year"), f"what {a} spends in a year", f"{a} spends @ a year", DOLLARS)
    total = s.find(yearly * years, f"what {a} spends in {years}", f"{a} spends @ in {years}", DOLLARS)
    s.ask(total, f"how much does {a} spend on {what} in {years}", f"how much money goes into {what} in {years}")


MEASURE: Final[tuple[Callable[[Story], None], ...]] = (
    trip,
    fuel,
    ages,
    practice,
    recipe,
    fence,
    tank,
    weight,
    running,
    pieces,
    pace,
    monthly,
)
