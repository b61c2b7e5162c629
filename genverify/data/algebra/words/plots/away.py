"""Plots about being on the way: commutes, flights, trains, tolls, luggage, hotels, maps, moving."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from genverify.data.algebra.story import Story, UnfitError, listed
from genverify.data.algebra.terms import DOLLARS, Noun, Op, per, percent
from genverify.data.algebra.words.lists import (
    DAYS_LONG,
    HOURS,
    KILOMETERS,
    LITERS,
    MINUTES,
)
from genverify.data.algebra.words.relations import part_of

_KILOGRAMS: Final = Noun("kilogram", "kilograms", places=1)
_CENTIMETERS: Final = Noun("centimeter", "centimeters", places=1)
_NIGHTS, _TRIPS, _CARS = Noun("night", "nights"), Noun("trip", "trips"), Noun("car", "cars")
_SEATS: Final = Noun("seat", "seats")
_PASSENGERS: Final = Noun("passenger", "passengers")
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def commute(s: Story) -> None:
    """Add the parts of a way to work, then count the week, the days at home, or the gain by car."""
    a = s.person()
    first, second = s.one(
        ("walk to the station", "train ride"), ("bike ride to the pier", "ferry crossing"),
        ("drive to the parking lot", "tram ride"), ("walk to the bus stop", "bus ride"),
    )  # fmt: skip
    x = s.given(s.whole(4, 25), f"the time of the {first}", f"the {first} takes @", MINUTES)
    y = s.given(s.whole(8, 55), f"the time of the {second}", f"the {second} takes @", MINUTES)
    s.say(
        f"on the way to work, {a} needs {x} for the {first} and {y} for the {second}, and it is the same going home",
        f"{a}'s way to the office is a {first} of {x} followed by a {second} of {y}. The way back takes just as long",
    )
    one = s.find(x + y, "the time of one way", f"one way takes @ for {a}", MINUTES)
    days = s.given(s.whole(3, 6), "the number of working days in a week", f"{a} goes to work on @ a week", DAYS_LONG)
    s.say(f"{a.he} works {days} a week", f"{a} makes this journey on {days} of each week")
    if s.chance(0.4):
        car = s.given(s.whole(9, 40), "the time of one way by car", "one way takes @ by car", MINUTES)
        s.say(
            f"a colleague has offered to take {a.him} along by car, which takes only {car} each way",
            f"by car it would be only {car} each way",
        )
        saved = s.find(one - car, "the time saved on one way", "the car saves @ on one way", MINUTES)
        daily = s.find(saved * 2, "the time saved in a day", "the car saves @ a day", MINUTES)
        week = s.find(daily * days, "the time saved in a week", "the car saves @ a week", MINUTES)
        s.ask(week, f"how many minutes a week would {a} save by car", "how many minutes would that save in a week")
        return
    both = s.find(one * 2, "the time of both ways", f"{a} travels for @ a day", MINUTES)
    if s.chance(0.5):
        home = s.given(s.whole(1, 2), "x", f"{a} now stays home for @", DAYS_LONG)
        days = s.find(days - home, "the number of days left", f"{a} still travels on @ a week", DAYS_LONG)
        s.say(
            f"from now on {a.he} may work from home for {home} of them",
            f"starting next month, {a.he} will spend {home} of every week at home",
        )
    week = s.find(both * days, "the time on the way in a week", f"{a} travels for @ a week", MINUTES)
    hours = s.find(
        week / per(60, "minutes per hour"), "the time on the way in hours", f"that makes @ a week for {a}", HOURS
    )
    s.ask(
        hours, f"how many hours a week will {a} be on the way", f"how many hours of travel is that in one week for {a}"
    )


def layover(s: Story) -> None:
    """Add flights and waiting in minutes, then compare with a direct flight or count from door to door."""
    a = s.person()
    h = s.given(s.whole(2, 9), "the time of the first flight", "the first flight takes @", HOURS)
    m = s.given(s.whole(35, 240, 5), "the time between the flights", f"{a} waits @ between the flights", MINUTES)
    n = s.given(s.whole(45, 170, 5), "the time of the second flight", "the second flight takes @", MINUTES)
    s.say(
        f"{a}'s first flight takes {h}. After a stop of {m} {a.he} takes a second flight of {n}",
        f"to get to a wedding, {a} flies for {h}, waits {m} for the connection and then flies for another {n}",
    )
    long_ = s.find(h * per(60, "minutes per hour"), "the first flight in minutes", "the first flight takes @", MINUTES)
    whole = s.find(long_ + m + n, "the time of the whole journey", "the whole journey takes @", MINUTES)
    way = s.whole(0, 2)
    if way == 0:
        k = s.given(s.whole(3, 10), "the time of a direct flight", "a direct flight takes @", HOURS)
        s.say(f"a direct flight would have taken {k}", f"there is also a direct flight, which takes {k}")
        direct = s.find(
            k * per(60, "minutes per hour"), "the direct flight in minutes", "the direct flight takes @", MINUTES
        )
        gap = s.find(whole - direct, "the time that is lost", f"{a} loses @", MINUTES)
        s.ask(
            gap,
            f"how many minutes longer is {a}'s journey than the direct flight",
            f"how many minutes would {a} have saved on a direct flight",
        )
    elif way == 1:
        taxi = s.given(s.whole(15, 60, 5), "the time of a taxi ride", "each taxi ride takes @", MINUTES)
        early = s.given(s.whole(1, 3), "the time before departure", f"{a} is at the airport @ early", HOURS)
        s.say(
            f"{a} gets to the first airport {early} early, and there is a taxi ride of {taxi} at either end",
            f"{a.he} rides a taxi for {taxi} before and after the flights and is at the airport {early} early",
        )
        rides = s.find(taxi * 2, "the time of both taxi rides", "the taxi rides take @", MINUTES)
        wait = s.find(
            early * per(60, "minutes per hour"),
            "the time before departure in minutes",
            f"{a} is there @ early",
            MINUTES,
        )
        door = s.find(whole + rides + wait, "the time from door to door", f"{a} travels for @ in all", MINUTES)
        s.ask(door, "how many minutes does it take from door to door", f"for how many minutes is {a} on the way in all")
    else:
        air = s.find(long_ + n, "the time in the air", f"{a} is in the air for @", MINUTES)
        rate = s.rate(
            s.whole(10, 60, 10), "the share of the flights slept through", f"{a} sleeps for @ of the time in the air"
        )
        s.say(
            f"{a} slept through {rate} of the time in the air, but not at all on the ground",
            f"{a.he} was asleep for {rate} of the time that {a.he} spent in the air and awake the rest of the time",
        )
        sleep = s.find(percent(rate, air), "the time asleep", f"{a} sleeps for @", MINUTES)
        awake = s.find(whole - sleep, "the time awake", f"{a} is awake for @", MINUTES)
        s.ask(awake, f"for how many minutes of the journey was {a} awake", f"how many minutes did {a} spend awake")


def stops(s: Story) -> None:
    """Let passengers get on and off; ask for the end, for free seats, or for the beginning."""
    what = s.one("a train", "a ferry", "a tram", "a night bus", "a subway train")
    off = s.given(s.whole(4, 60), "the number who got off at the second stop", "@ got off at the second stop")
    on = s.given(s.whole(4, 60), "the number who got on at the second stop", "@ got on at the second stop")
    share, words = part_of(s)
    if s.chance(0.4):
        end = s.given(s.whole(20, 160), "the number on board in the end", "@ were on board in the end", _PASSENGERS)
        s.say(
            f"at its first stop, {what} lost {words} of its passengers and took no one in. At the second stop {off:n} "
            f"got off and {on:n} got on, after which {end:n} passengers were on board",
            f"{end:n} passengers were on {what} after two stops: at the first, {words} of those on board had left, at "
            f"the second {on:n} people had come in and {off:n} had gone",
        )
        was = s.find(end - on, "the number without those who got on", "without those who got on, @ remain", _PASSENGERS)
        mid = s.find(was + off, "the number between the stops", "@ were on board between the stops", _PASSENGERS)
        rest = s.find(1 - share, "the share that stayed", "# of the passengers stayed on board", share.noun)
        start = s.find(mid / rest, "the number at the start", "@ were on board at the start", _PASSENGERS)
        s.ask(start, "how many passengers were on board before the first stop", "with how many passengers did it start")
        return
    start = s.given(s.whole(24, 240, 2), "the number at the start", "@ were on board at the start", _PASSENGERS)
    s.say(f"{what} set out with {start}", f"there were {start} on {what} when it left")
    s.say(f"{words} of them got off at the first stop", f"at the first stop, {words} of them left")
    s.say(f"at the second stop, {on:n} got on and {off:n} got off", f"then {off:n} people got off and {on:n} got on")
    left = s.find(share * start, "the number who got off at the first stop", "@ got off at the first stop", _PASSENGERS)
    mid = s.find(start - left, "the number between the stops", "@ were on board between the stops", _PASSENGERS)
    end = s.find(mid + on - off, "the number after the second stop", "@ were on board after that", _PASSENGERS)
    if "train" in what:
        cars = s.given(s.whole(2, 8), "the number of cars", "it has @", _CARS)
        seats = s.given(s.whole(18, 60, 2), "the number of seats in a car", "each car has @", _SEATS)
        s.say(f"{what} of this kind has {cars} with {seats} each", f"there are {cars} with {seats} each")
        room = s.find(cars * seats, "the number of seats", "it has @", _SEATS)
        free = s.find(room - end, "the number of free seats", "@ are free", _SEATS)
        s.ask(
            free, "how many seats were free after the second stop", "how many of the seats were not needed after that"
        )
        return
    s.ask(end, "how many passengers were on board when it left the second stop", "how many passengers were left then")


def toll(s: Story) -> None:
    """Share fuel and tolls of a drive; compare with a ticket."""
    a = s.person()
    far = s.given(s.whole(100, 900, 50), "the length of the drive", "the drive is @ long", KILOMETERS)
    use = s.given(s.whole(5, 11), "the fuel for 100 kilometers", "the car uses @ for 100 kilometers", LITERS)
    price = s.dollars(s.money(1, 3), "the price of a liter", "a liter costs @")
    n = s.given(s.whole(2, 6), "the number of toll stations", "there are # toll stations")
    fee = s.dollars(s.whole(2, 15), "the fee at a toll station", "each toll station takes @")
    stations = s.one("toll bridges", "toll gates", "toll tunnels")
    s.say(
        f"{a} drives {far} to the coast in a car that uses {use} of fuel per 100 kilometers",
        f"{a}'s car needs {use} of fuel for every 100 kilometers, and {a.he} is going {far}",
    )
    s.say(
        f"a liter of fuel costs {price}. On the way there are {n} {stations} at {fee} each",
        f"{a.he} passes {n} {stations}, which take {fee} each, and pays {price} for a liter of fuel",
    )
    liters = s.find(far / 100 * use, "the fuel needed", f"{a} needs @ of fuel", LITERS)
    fuel = s.find(liters * price, "the cost of the fuel", "the fuel costs @", DOLLARS)
    tolls = s.find(n * fee, "the cost of the tolls", "the tolls come to @", DOLLARS)
    cost = s.find(fuel + tolls, "the cost of the drive", "the drive costs @", DOLLARS)
    if s.chance(0.25):
        s.ask(cost, f"how much does {a} pay for the drive", "how much do fuel and tolls cost together")
        return
    people = s.given(s.whole(2, 5), "the number of people in the car", "# people share the car")
    s.say(f"the cost is shared equally by the {people} people in the car", f"{people} people travel and split the cost")
    each = s.find(cost / people, "the cost of the drive for each person", "each person pays @ for the drive", DOLLARS)
    if s.chance(0.4):
        s.ask(each, "how much does each of them pay", "what is the share of one person")
        return
    ticket = s.dollars(s.whole(15, 120), "the price of a bus ticket", "a bus ticket costs @")
    s.say(f"a bus ticket would cost {ticket} a person", f"going by bus would cost {ticket} for each person")
    low, high = sorted((each, ticket), key=lambda q: q.value)
    gap = s.find(high - low, "the difference for one person", "the difference is @ a person", DOLLARS)
    s.ask(
        gap,
        "by how much do car and bus differ for one person",
        "how big is the difference between car and bus for one person",
    )


def luggage(s: Story) -> None:
    """Weigh a suitcase against a limit: what fits yet, or what the excess costs."""
    a = s.person()
    case = s.given(s.whole(2, 5), "the weight of the empty suitcase", "the empty suitcase weighs @", _KILOGRAMS)
    many, single = s.one(("books", "book"), ("pairs of boots", "pair of boots"), ("jars of honey", "jar of honey"))
    n = s.given(s.whole(3, 12), f"the number of {many}", f"{a} packs # {many}")
    w = s.given(Fraction(s.one(1, 2, 3, 4), 2), f"the weight of a {single}", f"a {single} weighs @", _KILOGRAMS)
    rest = s.given(s.whole(4, 13), "the weight of the clothes", "the clothes weigh @", _KILOGRAMS)
    limit = s.given(s.whole(16, 30), "the limit", "the limit is @", _KILOGRAMS)
    s.say(
        f"{a} packs {rest} of clothes and {n} {many}, each weighing {w}, into a suitcase that weighs {case} when empty",
        f"into an empty suitcase of {case}, {a} puts {n} {many} of {w} each as well as clothes of {rest}",
    )
    s.say(f"the airline allows {limit} a suitcase", f"a suitcase may weigh {limit} on {a.his} flight")
    things = s.find(n * w, f"the weight of the {many}", f"the {many} weigh @", _KILOGRAMS)
    all_ = s.find(case + things + rest, "the weight of the full suitcase", "the full suitcase weighs @", _KILOGRAMS)
    if all_.value > limit.value:
        over = s.find(all_ - limit, "the excess weight", "the suitcase is @ too heavy", _KILOGRAMS)
        fee = s.dollars(s.whole(6, 20), "the fee for each excess kilogram", "each excess kilogram costs @")
        s.say(f"every kilogram beyond that costs {fee}", f"{a} has to pay {fee} for each kilogram above the limit")
        cost = s.find(over * fee, "the fee", f"{a} pays a fee of @", DOLLARS)
        s.ask(cost, f"how much does {a} have to pay for the excess weight", f"what fee does {a} have to pay")
        return
    free = s.find(limit - all_, "the weight that is still allowed", "@ are still allowed", _KILOGRAMS)
    if s.chance(0.3):
        s.ask(free, f"how many more kilograms can {a} pack", "by how many kilograms is the suitcase below the limit")
        return
    gift = s.given(Fraction(s.one(1, 2, 4), 2), "the weight of a present", "a present weighs @", _KILOGRAMS)
    s.say(
        f"{a} would like to add presents that weigh {gift} each",
        f"{a.he} still wants to buy presents, and each of them weighs {gift}",
    )
    more = s.find(free / gift, "the number of presents that fit", "# presents fit in")
    s.ask(more, f"how many such presents can {a} add at most", "how many presents can be added up to the limit")


def hotel(s: Story) -> None:
    """Pay for nights of two prices, with breakfast for all; ask for the bill, a share, or what is left of a budget."""
    a = s.person()
    nights = s.given(s.whole(4, 12), "the number of nights", f"{a} stays for @", _NIGHTS)
    late = s.given(
        s.whole(2, 4) if nights.value > 8 else 2, "the number of weekend nights", "@ are on a weekend", _NIGHTS
    )
    low = s.dollars(s.whole(45, 140, 5), "the price of a weekday night", "a weekday night costs @")
    more = s.dollars(s.whole(10, 60, 5), "the surcharge on a weekend", "a weekend night costs @ more")
    s.say(
        f"a room costs {low} a night from Sunday to Thursday and {more} more on Friday and Saturday. {a} rents one for "
        f"{nights}, {late:n} of which are at the higher price",
        f"{a} takes a room for {nights}. {late:n} of them fall on a weekend, when a night costs {more} more than "
        f"the usual {low}",
    )
    early = s.find(nights - late, "the number of weekday nights", "@ are on weekdays", _NIGHTS)
    high = s.find(low + more, "the price of a weekend night", "a weekend night costs @", DOLLARS)
    one = s.find(early * low, "the cost of the weekday nights", "the weekday nights cost @", DOLLARS)
    two = s.find(late * high, "the cost of the weekend nights", "the weekend nights cost @", DOLLARS)
    bill = s.find(one + two, "the price of the room", "the room costs @", DOLLARS)
    way = s.whole(0, 2)
    if way == 0:
        rate = s.rate(s.whole(5, 30, 5), "the discount", "the discount is @")
        s.say(f"{a} gets {rate} off the whole amount for booking early", f"members like {a} pay {rate} less in total")
        off = s.find(percent(rate, bill), "the amount taken off", "@ are taken off", DOLLARS)
        paid = s.find(bill - off, f"the amount {a} pays", f"{a} pays @", DOLLARS)
        s.ask(paid, f"how much does {a} pay for the room", f"what does the stay cost {a}")
    elif way == 1:
        n = s.given(s.whole(2, 4), "the number of guests", "# guests share the room")
        s.say(
            f"{n} friends share the room and its price equally", f"{a.he} splits the bill evenly so that {n} people pay"
        )
        each = s.find(bill / n, "the share of each guest", "each guest pays @", DOLLARS)
        s.ask(each, "how much does each of them pay", "what is one person's share of the bill")
    else:
        purse = s.dollars(s.whole(500, 2400, 50), "the budget", f"{a} has @ for the vacation")
        s.say(f"{a} has set aside {purse} for the vacation", f"{a.his} budget for everything is {purse}")
        left = s.find(purse - bill, "the money left after the room", f"{a} has @ left after paying the room", DOLLARS)
        daily = s.find(left / nights, "the money left for each night", f"{a} has @ for each night", DOLLARS)
        s.ask(daily, f"how much can {a} spend per night on other things", "how much is left for each night of the stay")


def scale(s: Story) -> None:
    """Turn centimeters on a map into kilometers and hours, or into centimeters on another map."""
    a = s.person()
    k = s.given(s.one(2, 4, 5, 10, 20, 25), "the distance for a centimeter", "a centimeter stands for @", KILOMETERS)
    legs = [
        s.given(s.whole(2, 19) * Fraction(1, 2), f"the {x} line on the map", f"the {x} line is @ long", _CENTIMETERS)
        for x in ("first", "second", "third")[: s.whole(2, 3)]
    ]
    told = listed([f"{q}" for q in legs])
    s.say(f"on a map, one centimeter stands for {k}", f"a map shows {k} as one centimeter")
    s.say(
        f"{a} measures the way to a lake as lines of {told}",
        f"the route that {a} has planned consists of straight lines of {told} on this map",
    )
    line = s.find(Op("+", tuple(legs)), "the length on the map", "the lines have a length of @", _CENTIMETERS)
    real = s.find(line * k, "the length of the way", "the way is @ long", KILOMETERS)
    way = s.whole(0, 2)
    if way == 0:
        done = s.given(s.whole(3, 60), "the distance covered so far", f"{a} has covered @", KILOMETERS)
        s.say(f"{a} has already covered {done} of this way", f"{done} of the route are already behind {a.him}")
        left = s.find(real - done, "the distance to go", f"{a} has @ to go", KILOMETERS)
        s.ask(
            left, f"how many kilometers does {a} still have to go", "how far is it from there to the end, in kilometers"
        )
    elif way == 1:
        v = s.given(s.one(4, 5, 10, 12, 15, 20, 50), "the speed", f"{a} covers @ per hour", KILOMETERS)
        s.say(f"{a.he} covers {v} per hour", f"{a}'s average speed is {v} per hour")
        time = s.find(real / v, "the time needed", f"{a} needs @", HOURS)
        if time.value > 16:
            raise UnfitError(time.name)
        s.ask(time, f"how many hours does {a} need for the whole way", "how many hours does the whole route take")
    else:
        j = s.given(
            s.one(2, 4, 5, 8, 10, 50),
            "the distance for a centimeter of the other map",
            "on the other map, a centimeter stands for @",
            KILOMETERS,
        )
        if j.value == k.value:
            raise UnfitError(j.name)
        s.say(
            f"on a second map of the same area, one centimeter means {j}",
            f"{a} has a second map, too, where {j} are drawn as one centimeter",
        )
        other = s.find(real / j, "the length on the other map", "the way has @ on the other map", _CENTIMETERS)
        s.ask(
            other,
            "how many centimeters long is the same route on the second map",
            f"on the second map, how many centimeters long is {a}'s route",
        )


def moving(s: Story) -> None:
    """Carry boxes in trips: how many trips, how long they take, what the van costs."""
    a = s.person()
    rooms = s.given(s.whole(3, 7), "the number of rooms", f"{a} has # rooms")
    each = s.given(s.whole(8, 30), "the number of boxes from a room", "each room fills # boxes")
    load = s.given(s.whole(6, 30), "the number of boxes on a trip", "the van takes # boxes at a time")
    full = -rooms.value * each.value % load.value  # what fills the last trip
    extra = s.given(full or load.value, "the number of boxes from the attic", "the attic fills # boxes")
    if extra.value < 3:
        raise UnfitError(extra.name)
    s.say(
        f"{a} is moving out. Each of the {rooms} rooms fills {each:n} boxes, and {extra:n} more come from the attic",
        f"when {a} moves, there are {extra:n} boxes in the attic and {each:n} in each of the other {rooms} rooms",
    )
    s.say(f"{a.his} van takes {load:n} boxes at a time", f"{load:n} boxes go into the van on one trip")
    main = s.find(rooms * each, "the number of boxes from the rooms", "the rooms fill # boxes")
    boxes = s.find(main + extra, "the number of boxes", f"{a} has # boxes in all")
    trips = s.find(boxes / load, "the number of trips", f"{a} makes @", _TRIPS)
    if s.chance(0.4):
        done = s.given(s.whole(2, 8), "the number of trips so far", f"{a} has made @", _TRIPS)
        s.say(
            f"{a} has made {done} so far, all of them with a full van", f"{done} with a full van have been made so far"
        )
        left = s.find(trips - done, "the number of trips still to make", f"{a} has @ to make", _TRIPS)
        s.ask(left, f"how many more trips does {a} have to make", "how many trips are still needed")
        return
    drive = s.given(s.whole(10, 40, 5), "the time of the drive there and back", "there and back takes @", MINUTES)
    work = s.given(s.whole(15, 50, 5), "the time to load and unload", "loading and unloading takes @", MINUTES)
    s.say(
        f"the drive there and back takes {drive}, loading and unloading another {work} each time",
        f"each trip means {work} of loading and unloading, plus {drive} for the drive there and back",
    )
    one = s.find(drive + work, "the time of one trip", "one trip takes @", MINUTES)
    minutes = s.find(trips * one, "the time in minutes", "all trips take @", MINUTES)
    hours = s.find(minutes / per(60, "minutes per hour"), "the time in hours", "that makes @", HOURS)
    if s.chance(0.5):
        s.ask(hours, "how many hours does the whole move take", f"after how many hours will {a} be done")
        return
    rent = s.dollars(s.whole(12, 40), "the rent of the van for an hour", "the van costs @ an hour")
    s.say(f"the van is rented for {rent} an hour", f"{a} pays {rent} an hour for the van")
    cost = s.find(hours * rent, "the rent for the van", "the van costs @ in all", DOLLARS)
    s.ask(cost, f"how much does {a} pay for the van", "what does the van cost for that time")


AWAY: Final[tuple[Callable[[Story], None], ...]] = (
    commute, layover, stops, toll, luggage, hotel, scale, moving,
)  # fmt: skip
"""The plots."""
