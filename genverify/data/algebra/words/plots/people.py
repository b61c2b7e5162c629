"""Plots about people: generations, cousins, clubs, readers, chores, votes, flats, cards, buses, rows of seats."""

from collections.abc import Callable
from typing import Final

from genverify.data.algebra.story import Story, UnfitError
from genverify.data.algebra.terms import DOLLARS, PERCENT, Noun, per, percent
from genverify.data.algebra.words.lists import CENTS, DAYS_LONG, MONTHS, PAGES, YEARS
from genverify.data.algebra.words.relations import part_of

_CHILDREN: Final = Noun("child", "children")
_PEOPLE: Final = Noun("person", "people")
_CHORES: Final = Noun("chore", "chores")
_ROWS: Final = Noun("row", "rows")
_SEATS: Final = Noun("seat", "seats")
_VOTES: Final = Noun("vote", "votes")


def in_any_order(s: Story, *facts: tuple[str, ...]) -> None:
    """Say facts that do not refer to each other in an order drawn at random, each in one of its wordings."""
    for ways in s.rng.sample(facts, len(facts)):
        s.say(*ways)


def generations(s: Story) -> None:
    """Chain the ages of three generations, from the child's up or from the grandparent's down."""
    a = s.person()
    old, parent = s.one("grandmother", "grandfather"), s.one("mother", "father")
    names = (f"{a}'s age", f"the {parent}'s age", f"the {old}'s age")
    x = s.given(s.whole(19, 36), f"the {parent}'s age at {a}'s birth", f"the {parent} was @ old at {a}'s birth", YEARS)
    y = s.given(s.whole(18, 33), f"the {old}'s age at the {parent}'s birth", f"the {old} became a parent at #", YEARS)
    born = (f"{a}'s {parent} was {x} old when {a} was born", f"{a} was born when {a.his} {parent} was {x:n}")
    before = (
        f"{a}'s {old} was {y} old when the {parent} was born",
        f"{a}'s {old} had {a}'s {parent} at the age of {y:n}",
    )
    if s.chance(0.4):
        t = s.given(s.whole(3, 9), "the number of years to wait", "the birthday is in @", YEARS)
        then = s.given(
            x.value + y.value + t.value + s.whole(2, 17),
            f"the {old}'s later age",
            f"the {old} will be @ old by then",
            YEARS,
        )
        s.say(f"in {t}, {a}'s {old} will turn {then:n}", f"{t} from now, {a}'s {old} will be {then} old")
        in_any_order(s, born, before)
        top = s.find(then - t, names[2], f"the {old} is @ old", YEARS)
        middle = s.find(top - y, names[1], f"the {parent} is @ old", YEARS, why=before[0])
        low = s.find(middle - x, names[0], f"{a} is @ old", YEARS, why=born[0])
        s.ask(low, f"how old is {a} now", f"what is {a}'s age today")
        return
    age = s.given(s.whole(3, 16), names[0], f"{a} is @ old", YEARS)
    in_any_order(s, (f"{a} is {age} old", f"{a} is {age:n} years of age"), born, before)
    middle = s.find(age + x, names[1], f"the {parent} is @ old", YEARS, why=born[0])
    top = s.find(middle + y, names[2], f"the {old} is @ old", YEARS, why=before[0])
    if s.chance(0.5):
        adult = s.given(s.one(18, 20, 21, 25, 30), f"{a}'s later age", f"{a} will be @ old", YEARS)
        wait = s.find(adult - age, f"the number of years until {a} is {adult:n}", f"{a} turns {adult:n} in @", YEARS)
        end = s.find(top + wait, f"the {old}'s age at that time", f"the {old} will be @ old then", YEARS)
        s.ask(
            end, f"how old will the {old} be when {a} turns {adult:n}", f"what is the {old}'s age once {a} is {adult:n}"
        )
        return
    total = s.find(age + middle + top, "the sum of the three ages", "the ages add up to @", YEARS)
    mean = s.find(total / 3, "the average age of the three", "their average age is @", YEARS)
    s.ask(mean, f"what is the average age of {a}, the {parent} and the {old}", "what is the average of the three ages")


def reunion(s: Story) -> None:
    """Count the grandchildren in families of two sizes, then cousins, gifts or everybody."""
    a = s.person()
    n = s.given(s.whole(4, 9), "the number of children of the grandparents", "the grandparents have @", _CHILDREN)
    k = s.given(s.whole(2, int(n.value) - 2), "the number of large families", "# of the families are large")
    b = s.given(s.whole(3, 6), "the number of children in a large family", "a large family has @", _CHILDREN)
    c = s.given(
        s.whole(2, int(b.value) - 1), "the number of children in a small family", "a small one has @", _CHILDREN
    )
    s.say(
        f"{a}'s grandparents have {n}. {k:n} of these have {b:n} children each, and the others have {c:n} each",
        f"{a}'s grandparents raised {n}, all of them parents now: {k:n} have {b} each, the rest {c} each",
    )
    many = s.find(k * b, "the number of grandchildren in large families", "the large families have @", _CHILDREN)
    others = s.find(n - k, "the number of small families", "# of the families are small")
    few = s.find(others * c, "the number of grandchildren in small families", "the small families have @", _CHILDREN)
    total = s.find(many + few, "the number of grandchildren", "the grandparents have # grandchildren", _CHILDREN)
    way = s.whole(0, 2)
    if way == 0:
        own = s.one(b, c)
        s.say(f"{a} is one of the {own:n} children of {a.his} parents", f"{a}'s own parents have {own}")
        why = f"{a} and {a.his} siblings are not {a}'s cousins"
        rest = s.find(total - own, f"the number of {a}'s cousins", f"{a} has # cousins", _CHILDREN, why=why)
        s.ask(rest, f"how many cousins does {a} have", f"how many of the grandchildren are cousins of {a}")
    elif way == 1:
        gift = s.dollars(s.whole(5, 60, 5), "the gift to a grandchild", "each grandchild gets @")
        s.say(f"every New Year they give {gift} to each grandchild", f"the grandparents hand each grandchild {gift}")
        money = s.find(total * gift, "the cost of all the gifts", "the gifts come to @", DOLLARS)
        s.ask(money, "how much do they give away in total", "how many dollars do they need for these gifts")
    else:
        why = "each of them comes with a partner"
        pairs = s.find(n * 2, "the number of parents", "there are # parents", _PEOPLE, why=why)
        s.say("they all meet at a lake: grandparents, children, each with a partner, and grandchildren")
        all_ = s.find(pairs + total + 2, "the number of people at the lake", "there are @ at the lake", _PEOPLE)
        s.ask(all_, "how many people are there in all", "how many members of the family does that make")


def clubs(s: Story) -> None:
    """Split a group by the difference of its two parts, then count who has joined something."""
    where, x, y = s.one(
        ("a class", Noun("girl", "girls"), Noun("boy", "boys")),
        ("a class", Noun("boy", "boys"), Noun("girl", "girls")),
        ("a choir", Noun("soprano", "sopranos"), Noun("alto", "altos")),
        ("a hiking group", Noun("adult", "adults"), _CHILDREN),
    )
    club = s.one("the chess club", "the robotics club", "the drama group", "the debate team", "the gardening club")
    less, gap = s.whole(6, 24), s.given(s.whole(2, 12), f"how many more {x} there are", f"there are # more {x}")
    total = s.given(2 * less + gap.value, "the size of the group", "there are @", _PEOPLE)
    s.say(
        f"{where} of {total:n} has {gap:n} more {x} than {y}",
        f"{where} has {total:n} members, all of them {x} or {y}. There are {gap:n} more {x} than {y}",
    )
    twice = s.find(total - gap, f"twice the number of {y}", "without the extra ones there would be @", _PEOPLE)
    few = s.find(twice / 2, f"the number of {y}", "there are @", y)
    many = s.find(few + gap, f"the number of {x}", "there are @", x, why=f"there are {gap:n} more {x} than {y}")
    share, words = part_of(s)
    k = s.given(s.whole(2, less - 2), f"the number of {y} in {club}", f"@ are in {club}", y)
    in_any_order(
        s,
        (f"{words} of the {x} are in {club}", f"{words} of the {x} have joined {club}"),
        (f"{k} belong to {club}", f"{club} has {k} from the group"),
    )
    joined = s.find(share * many, f"the number of {x} in {club}", f"@ are in {club}", x)
    way = s.whole(0, 2)
    if way == 0:
        s.ask(many, f"how many {x} are there", f"what is the number of {x}")
        return
    both = s.find(joined + k, f"the number in {club}", f"@ are in {club}", _PEOPLE)
    rest = s.find(total - both, f"the number who are not in {club}", f"@ are not in {club}", _PEOPLE)
    if way == 1:
        s.ask(both, f"how many of them are in {club} altogether", f"how many people from the group are in {club}")
        return
    s.ask(rest, f"how many of the {total:n} are not in {club}", f"how many people in the group have not joined {club}")


def reading_race(s: Story) -> None:
    """Two readers of one book at two speeds; one is through, the other has pages left."""
    a, b = s.people(2)
    fast = s.whole(15, 45)
    book = s.given(fast * s.whole(4, 14), "the length of the book", "the book has @", PAGES)
    p = s.given(fast, f"the number of pages {a} reads a day", f"{a} reads @ a day", PAGES)
    q = s.given(s.whole(8, fast - 3), f"the number of pages {b} reads a day", f"{b} reads @ a day", PAGES)
    s.say(f"{a} and {b} are reading the same book of {book}", f"a book of {book} is on the list of both {a} and {b}")
    in_any_order(
        s,
        (f"{a} gets through {p} a day", f"every evening, {a} reads {p}"),
        (f"{b} manages {q} a day", f"{b}'s pace is {q} a day"),
    )
    time = s.find(book / p, f"the number of days {a} needs", f"{a} needs @ for the book", DAYS_LONG)
    read = s.find(q * time, f"the number of pages {b} reads in that time", f"{b} reads @ in that time", PAGES)
    if s.chance(0.5):
        h = s.given(s.whole(5, 40), f"the number of pages {b} had read before", f"{b} had read @ before", PAGES)
        s.say(f"{b} had already read {h} before {a} opened the book", f"{b} had a lead of {h} when {a} started")
        read = s.find(read + h, f"the number of pages {b} has read by then", f"{b} has read @ by then", PAGES)
    else:
        s.say("they start on the same day", "both begin on page one on the same day")
    left = s.find(book - read, f"the number of pages {b} has left", f"{b} has @ left", PAGES)
    if s.chance(0.4):
        s.ask(
            left,
            f"how many pages are left for {b} when {a} is through",
            f"once {a} is done, how far is {b} from the end in pages",
        )
        return
    t = s.given(s.whole(2, 6), f"the number of days {b} still has", f"{b} still has @", DAYS_LONG)
    s.say(f"{b} has to return the book {t} after {a} finishes", f"{b} wants to be done {t} after {a}")
    new = s.find(left / t, f"{b}'s new daily number of pages", f"{b} has to read @ a day from then on", PAGES)
    s.ask(
        new, f"how many pages a day must {b} read after {a} is through", f"what must {b}'s daily pace be from then on"
    )


def chores(s: Story) -> None:
    """Pay for chores, less a fine; forwards to the pay, backwards to the chores, or weeks to a sum."""
    a = s.person()
    count, lost_count = s.whole(4, 12), s.whole(2, 4)
    base = s.dollars(s.whole(8, 20), f"{a}'s allowance", f"{a} gets @ a week")
    bonus = s.dollars(s.money(1, 4), "the pay for an extra chore", "an extra chore brings @")
    fine = s.dollars(s.money(1, 2), "the fine for a forgotten chore", "a forgotten chore costs @")
    s.say(
        f"this year {a}'s weekly allowance is {base}, and {a.his} parents add {bonus} for each extra chore",
        f"every week this year, {a} gets {base} from {a.his} parents, plus {bonus} per extra chore",
    )
    s.say(f"they take off {fine} for each chore {a.he} forgets", f"each forgotten chore costs {a.him} {fine}")
    f = s.given(lost_count, "the number of forgotten chores", f"{a} forgot @", _CHORES)
    lost = s.find(f * fine, "the sum of the fines", f"{a} loses @", DOLLARS)
    if s.chance(0.45):
        paid = s.dollars(base.value + count * bonus.value - lost.value, f"what {a} was paid", f"{a} was paid @")
        s.say(f"last week {a.he} forgot {f} and was paid {paid}", f"{a} was paid {paid} last week after forgetting {f}")
        full = s.find(paid + lost, "the pay without the fines", f"without the fines {a} would have got @", DOLLARS)
        extra = s.find(full - base, "the pay for the extra chores", "the extra chores brought @", DOLLARS)
        n = s.find(extra / bonus, "the number of extra chores", f"{a} did # extra chores", _CHORES)
        s.ask(n, f"how many extra chores did {a} do", f"what was the number of {a}'s extra chores")
        return
    k = s.given(count, "the number of extra chores", f"{a} did # extra chores", _CHORES)
    s.say(
        f"this week {a.he} did {k:n} extra chores and forgot {f:n} of {a.his} own",
        f"{a} did {k:n} extra ones, but forgot {f}",
    )
    extra = s.find(k * bonus, "the pay for the extra chores", "the extra chores bring @", DOLLARS)
    pay = s.find(base + extra - lost, f"{a}'s pay for the week", f"{a} gets @ for the week", DOLLARS)
    if s.chance(0.5):
        s.ask(pay, f"how much does {a} get for the week", f"how many dollars does {a} receive this time", then="money")
        return
    goal = s.dollars(pay.value * s.whole(3, 8), "the price of the gift", "the gift costs @")
    s.say(f"{a} wants to buy a gift for {goal} and expects every week to be like this one")
    n = s.find(goal / pay, "the number of weeks", f"{a} has to save for @", Noun("week", "weeks"))
    s.ask(n, f"for how many weeks does {a} have to save", "how many such weeks does that take")


def margins(s: Story) -> None:
    """Three candidates whose votes are known by the gaps between them and by their sum."""
    a, b, c = s.people(3)
    what = s.one("speaker of the class", "captain of the rowing team", "head of the parents' council", "treasurer")
    low, g1, g2 = s.whole(6, 90), s.whole(2, 24), s.whole(2, 24)
    cast = s.given(3 * low + g1 + 2 * g2, "the number of votes", "there were @", _VOTES)
    x = s.given(g1, f"the lead of {a} over {b}", f"{a} was @ ahead of {b}", _VOTES)
    y = s.given(g2, f"the lead of {b} over {c}", f"{b} was @ ahead of {c}", _VOTES)
    s.say(
        f"{a}, {b} and {c} stood for {what}, and {cast} were cast",
        f"{cast} were cast in the vote for {what}, each for {a}, {b} or {c}",
    )
    in_any_order(
        s,
        (f"{a} got {x:n} more votes than {b}", f"{b} finished {x} behind {a}"),
        (f"{b} was {y} ahead of {c}", f"{c} had {y:n} fewer votes than {b}"),
    )
    lead = s.find(x + y, f"the lead of {a} over {c}", f"{a} was @ ahead of {c}", _VOTES)
    extra = s.find(lead + y, f"the sum of the leads over {c}", f"the two leads over {c} make @", _VOTES)
    even = s.find(cast - extra, f"three times {c}'s number of votes", f"three times {c}'s number is @", _VOTES)
    last = s.find(even / 3, f"{c}'s number of votes", f"{c} got @", _VOTES)
    first = s.find(last + lead, f"{a}'s number of votes", f"{a} got @", _VOTES)
    other = s.find(cast - first, f"the number of votes against {a}", "@ went to somebody else", _VOTES)
    way = s.whole(0, 2)
    if way == 0:
        s.ask(last, f"how many votes did {c} get", f"how many people voted for {c}")
    elif way == 1:
        s.ask(first, f"how many votes did {a} get", f"with how many votes did {a} win")
    else:
        s.ask(other, f"how many votes did not go to {a}", f"how many people voted for somebody other than {a}")


def household(s: Story) -> None:
    """Split the costs of a flat; others move in, and everyone pays less."""
    a = s.person()
    k = s.given(s.whole(2, 5), "the number of people before", "@ share at first", _PEOPLE)
    rent = s.dollars(s.whole(900, 2800, 60), "the rent", "the rent is @ a month")
    bills = s.dollars(s.whole(90, 420, 30), "the monthly bills", "the bills are @ a month")
    new = s.given(s.one(1, 1, 2), "the number of people who move in", "# more moved in", _PEOPLE)
    home, month = s.one("an apartment", "a small house", "a flat above a bakery", "a cottage"), s.one(*MONTHS)
    s.say(
        f"{a} is one of {k:n} people who share the costs of {home} equally",
        f"{k:n} people, {a} among them, live in {home} and split all costs evenly",
    )
    s.say(
        f"the rent is {rent} a month and the bills come to {bills}",
        f"each month they pay {bills} for electricity and water, and {rent} in rent",
    )
    total = s.find(rent + bills, "the cost of a month", "a month costs @", DOLLARS)
    old = s.find(total / k, "the share before", f"{a} paid @ a month at first", DOLLARS)
    who = "one more person moves" if new.value == 1 else "two more people move"
    s.say(f"in {month}, {who} in, and the costs stay the same", f"{who} in, which does not change the costs")
    all_ = s.find(k + new, "the number of people now", "@ share now", _PEOPLE)
    less = s.find(total / all_, "the share now", f"{a} pays @ a month now", DOLLARS)
    gap = s.find(old - less, f"what {a} saves a month", f"{a} saves @ a month", DOLLARS)
    way = s.whole(0, 2)
    if way == 0:
        s.ask(less, f"how much does {a} pay a month from then on", "what is each person's new monthly share")
    elif way == 1:
        s.ask(gap, f"by how much does {a}'s monthly share go down", f"how much does {a} save each month")
    else:
        t = s.given(s.whole(3, 11), "the number of months", "that goes on for @", Noun("month", "months"))
        saved = s.find(gap * t, f"what {a} saves in {t}", f"{a} saves @ in {t}", DOLLARS)
        s.ask(saved, f"how much does {a} save in {t} because of that", f"what does this save {a} over {t}")


def greetings(s: Story) -> None:
    """Everyone writes to everyone else; then the stamps, the packs, or what is still to be written."""
    group, one = s.one(
        ("pen pals", "postcard"), ("friends", "New Year's card"), ("cousins", "birthday card"),
        ("classmates", "valentine"), ("neighbors", "holiday card"), ("colleagues", "farewell note"),
        ("campers", "thank-you note"),
    )  # fmt: skip
    card = Noun(one, f"{one}s")
    n = s.given(s.whole(5, 26), f"the number of {group}", f"there are # {group}")
    s.say(
        f"in a group of {n:n} {group}, everybody is to write one {one} to everyone else",
        f"each of {n:n} {group} promises to send one {one} to each of the others",
    )
    each = s.find(n - 1, f"the number of {card} from each person", "each of them writes @", card)
    total = s.find(n * each, f"the number of {card} in all", "they write @ in all", card)
    way = s.whole(0, 2)
    if way == 0:
        stamp = s.given(s.whole(30, 95, 5), f"the postage for one {one} in cents", "the postage for one is @", CENTS)
        s.say(f"the postage for one {one} is {stamp}", f"a stamp for each {one} costs {stamp}")
        cents = s.find(total * stamp, "the postage in cents", "the postage is @", CENTS)
        money = s.find(cents / per(100, "cents per dollar"), "the postage in dollars", "the stamps cost @", DOLLARS)
        s.ask(money, "how many dollars does the group spend on stamps", "what is the total postage in dollars")
    elif way == 1:
        size = s.given(s.one(4, 5, 6, 8, 10, 12), f"the number of {card} in a pack", "a pack holds @", card)
        price = s.dollars(s.money(2, 9), "the price of a pack", "a pack costs @")
        s.say(f"they buy the {card} in packs of {size:n}, at {price} a pack", f"a pack of {size} costs {price}")
        packs = s.find(total / size, "the number of packs", "they need @", Noun("pack", "packs"))
        cost = s.find(packs * price, "the cost of the packs", "the packs cost @", DOLLARS)
        s.ask(cost, f"how much do they pay for all the {card}", f"what do the packs of {card} cost in total")
    else:
        done = s.given(s.whole(6, 60), f"the number of {card} written so far", "@ are written", card)
        s.say(f"{done} have been written so far", f"{done} are already in the mail")
        left = s.find(total - done, f"the number of {card} to come", "@ are still to come", card)
        s.ask(left, f"how many {card} are still to be written", f"how many more {card} do they have to write")


def bus_ride(s: Story) -> None:
    """Let people on and off, forwards to the empty seats or backwards to those at the start."""
    ride, stop = s.one(("bus", "stop"), ("streetcar", "stop"), ("train", "station"), ("ferry", "landing"))
    first, second, third = (f"the {place} {stop}" for place in ("first", "second", "third"))
    share, words = part_of(s)
    on = s.given(s.whole(4, 18), f"the number who got on at {first}", f"@ got on at {first}", _PEOPLE)
    off = s.given(s.whole(3, 16), f"the number who got off at {third}", f"@ got off at {third}", _PEOPLE)
    trip = f"at {first}, {on} got on and nobody got off. At {second}, {words} of those on board got off"
    if s.chance(0.45):
        end = s.given(s.whole(4, 40), "the number on board at the end", "@ were on board at the end", _PEOPLE)
        s.say(
            f"{trip}. At {third}, {off:n} more got off, which left {end} on the {ride}",
            f"a {ride} arrived with {end} on board. {trip}, and at {third} another {off:n} did",
        )
        late = s.find(end + off, f"the number on board before {third}", f"@ were on board before {third}", _PEOPLE)
        stay = s.find(1 - share, "the part that stayed on board", "@ of them stayed on board", share.noun)
        mid = s.find(late / stay, f"the number on board before {second}", f"@ were on board before {second}", _PEOPLE)
        if mid.value > 90:
            raise UnfitError("crowded")
        start = s.find(mid - on, "the number on board at the start", "@ were on board at the start", _PEOPLE)
        s.ask(
            start, f"how many people were on the {ride} before {first}", f"how many people did the {ride} set out with"
        )
        return
    n = s.given(s.whole(12, 60), "the number on board at the start", "@ were on board at the start", _PEOPLE)
    s.say(f"a {ride} set out with {n} on board. {trip}", f"{n} were on a {ride} when it set out. {trip}")
    s.say(f"{off:n} more got off at {third}", f"{off:n} others left the {ride} at {third}")
    one = s.find(n + on, f"the number on board after {first}", f"@ were on board after {first}", _PEOPLE)
    gone = s.find(share * one, f"the number who got off at {second}", f"@ got off at {second}", _PEOPLE)
    two = s.find(one - gone, f"the number on board after {second}", f"@ were on board after {second}", _PEOPLE)
    left = s.find(two - off, f"the number on board after {third}", f"@ were on board after {third}", _PEOPLE)
    if s.chance(0.4):
        s.ask(left, f"how many people were on the {ride} then", f"how many people stayed on the {ride}")
        return
    seats = s.given(s.whole(30, 90, 2), "the number of seats", f"the {ride} has @", _SEATS)
    s.say(f"the {ride} has {seats}, and everyone sits down", f"everyone on board takes one of the {seats}")
    free = s.find(seats - left, "the number of empty seats", "@ are empty", _SEATS)
    s.ask(free, "how many seats are empty then", "how many seats does nobody take")


def hall(s: Story) -> None:
    """Rows that grow by the same number of seats: the last one, all seats, or those that are taken."""
    place = s.one("lecture hall", "open-air theater", "concert hall", "circus tent", "school auditorium")
    n = s.given(s.whole(8, 24), "the number of rows", f"the {place} has @", _ROWS)
    first = s.given(s.whole(8, 24), "the number of seats in the first row", "the first row has @", _SEATS)
    d = s.given(s.whole(2, 4), "the step from row to row", "each row has # more seats than the one before")
    s.say(
        f"a {place} has {n}. There are {first} in the first row and {d:n} more in every row than in the one before",
        f"the first of the {n} in a {place} has {first}, and each row after it has {d:n} more than the row before",
    )
    steps = s.find(n - 1, "the number of rows after the first", "there are @ after the first one", _ROWS)
    grown = s.find(steps * d, "the growth from the first to the last row", "the last row has # more seats", _SEATS)
    last = s.find(first + grown, "the number of seats in the last row", "the last row has @", _SEATS)
    ends = s.find(first + last, "the number of seats in the outer two rows", "the first and last row make @", _SEATS)
    total = s.find(ends * n / 2, "the number of seats", "there are @ in all", _SEATS)
    way = s.whole(0, 3)
    if way == 0:
        s.ask(last, "how many seats are in the last row", "what is the number of seats in the row at the back")
    elif way == 1:
        s.ask(total, f"how many seats does the {place} have", "how many seats are there in all rows together")
    else:
        rate = s.rate(s.whole(5, 45, 5), "the share of empty seats", "@ of the seats are empty")
        s.say(f"tonight {rate} of all seats are empty", f"{rate} of the seats could not be sold for tonight")
        full = s.find(100 - rate, "the percentage of seats that are taken", "@ of the seats are taken", PERCENT)
        taken = s.find(percent(full, total), "the number of seats that are taken", "@ are taken", _SEATS)
        s.ask(taken, "how many seats are taken", "how many people are sitting in the audience")


PEOPLE: Final[tuple[Callable[[Story], None], ...]] = (
    generations, reunion, clubs, reading_race, chores, margins, household, greetings, bus_ride, hall,
)  # fmt: skip
"""The plots."""
