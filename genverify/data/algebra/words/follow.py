"""What happens next with money that somebody has earned, or with things that somebody has: one more part of a story."""

from genverify.data.algebra.story import Story
from genverify.data.algebra.terms import DOLLARS, Noun, Quantity, percent
from genverify.data.algebra.words.lists import DAYS_LONG, Person
from genverify.data.algebra.words.relations import part_of, related


def go_on(s: Story, share: float) -> None:
    """Let ``share`` of the stories that may go on do so.

    Raises:
        UnfitError: the numbers drawn do not fit.
    """
    if not s.then or s.hero is None or s.asked is None or not s.chance(share):
        return
    if s.then == "money":
        s.one(_spends, _saves, _adds, _other_earns)(s, s.hero, s.asked)
    else:
        s.one(_packs, _shares_out, _needs, _uses)(s, s.hero, s.asked, s.asked.noun)


def _spends(s: Story, a: Person, money: Quantity) -> None:
    share, words = part_of(s)
    what = s.one("rent", "groceries", "a present", "new shoes", "books", "a concert", "repairs", "music lessons")
    s.say(f"{a.he} spent {words} of this money on {what}", f"{a} uses {words} of the money for {what}")
    gone = s.find(share * money, f"the money spent on {what}", f"{a} spends @ on {what}", DOLLARS)
    left = s.find(money - gone, f"the money {a} has left", f"{a} has @ left", DOLLARS)
    if s.chance(0.4):
        x = s.dollars(s.whole(2, 60), f"the money for {a.his} sister", f"{a} gives {a.his} sister @")
        s.say(f"then {a.he} gives {x} to {a.his} sister", f"of what remains, {a.he} gives {a.his} sister {x}")
        left = s.find(left - x, "the money that remains in the end", f"{a} has @ in the end", DOLLARS)
    s.ask(left, f"how much money does {a} have left", f"how many dollars are left for {a}")


def _saves(s: Story, a: Person, money: Quantity) -> None:
    rate = s.rate(s.whole(10, 60, 5), "the share that is saved", f"{a} saves @ of the money")
    s.say(
        f"{a} saves {rate} of it and divides the rest equally among",
        f"{a.he} puts {rate} of that into a savings account and splits the rest evenly between",
    )
    n = s.given(s.whole(2, 6), "the number of people who share the rest", "@ people share the rest")
    who = s.one("nephews", "nieces", "charities", "friends", "cousins")
    s.raw[-1] += f" {n} {who}"
    s.sentences[-1] = s.sentences[-1].rstrip(".") + f" {n} {who}."
    saved = s.find(percent(rate, money), f"the money {a} saves", f"{a} saves @", DOLLARS)
    rest = s.find(money - saved, "the rest of the money", "the rest of the money is @", DOLLARS)
    each = s.find(rest / n, f"the money for each of the {who}", f"each of the {who} gets @", DOLLARS)
    s.ask(each, f"how much does each of the {who} get", f"how many dollars does each of the {n} {who} receive")


def _adds(s: Story, a: Person, money: Quantity) -> None:
    had = s.dollars(s.whole(15, 300, 5), f"the money {a} had before", f"{a} had @ before")
    thing = s.one("a tablet", "a bookshelf", "a pair of skis", "a winter coat", "a fish tank", "a train ticket")
    price = s.dollars(s.whole(20, 400, 5), f"the price of {thing}", f"{thing} costs @")
    s.say(
        f"together with {had} that {a.he} had before, {a.he} now wants to buy {thing} for {price}",
        f"{a.he} already had {had}, and {a.he} would like to buy {thing} that costs {price}",
    )
    all_ = s.find(money + had, f"the money {a} has now", f"{a} has @ now", DOLLARS)
    if all_.value > price.value:
        left = s.find(
            all_ - price, f"the money left after buying {thing}", f"{a} has @ left after buying {thing}", DOLLARS
        )
        s.ask(left, f"how much money will {a} have left after buying it", "how much will be left over after that")
    else:
        miss = s.find(price - all_, "the money that is missing", f"{a} is @ short", DOLLARS)
        s.ask(miss, f"how much more money does {a} need", "how many dollars are still missing")


def _other_earns(s: Story, a: Person, money: Quantity) -> None:
    b = s.person()
    rel = related(s, money, DOLLARS, much="money")
    s.say(
        f"{b} makes {rel.more} {rel.joint} {a} in the same time",
        f"in the same time, {b} makes {rel.more} {rel.joint} {a}",
    )
    other = s.find(
        rel.how, f"the money {b} makes", f"{b} makes @", DOLLARS, why=f"{b} makes {rel.more} {rel.joint} {a}"
    )
    both = s.find(money + other, "the money both make together", "together they make @", DOLLARS)
    s.ask(both, f"how much do {a} and {b} make together", "how much money do the two of them make in total")


def _packs(s: Story, a: Person, count: Quantity, thing: Noun) -> None:
    size = s.given(s.whole(2, 12), f"the number of {thing} in a bag", "each bag holds @", thing)
    price = s.dollars(s.whole(2, 20), "the price of a bag", "a bag costs @")
    s.say(
        f"{a} then fills bags with {size:n} {thing} each and sells every bag for {price}",
        f"{a.he} sells them in bags of {size:n}, at {price} a bag",
    )
    bags = s.find(count / size, "the number of bags", f"{a} fills @", Noun("bag", "bags"))
    money = s.find(bags * price, f"the money {a} gets for the bags", f"{a} gets @ for the bags", DOLLARS)
    s.ask(money, f"how much money does {a} get for all the bags", f"how much does {a} earn with the bags")


def _shares_out(s: Story, a: Person, count: Quantity, thing: Noun) -> None:
    share, words = part_of(s)
    b = s.person()
    s.say(f"in the end, {a.he} gives {words} of them to {b}", f"{a} then hands {words} of these {thing} to {b}")
    gone = s.find(share * count, f"the number of {thing} {b} gets", f"{b} gets @", thing)
    left = s.find(count - gone, f"the number of {thing} that remain", f"{a} keeps @", thing)
    s.ask(left, f"how many {thing} does {a} keep", f"how many {thing} does {a} have after that")


def _needs(s: Story, a: Person, count: Quantity, thing: Noun) -> None:
    people = s.given(s.whole(5, 60), "the number of guests", "there are @ guests")
    each = s.given(s.whole(2, 6), f"the number of {thing} for a guest", "each guest gets @", thing)
    s.say(
        f"{a} needs {each:n} {thing} for each of {people} guests at a party",
        f"for a party with {people} guests, {a} wants to have {each:n} {thing} for each",
    )
    need = s.find(people * each, f"the number of {thing} needed", f"{a} needs @", thing)
    more = s.find(need - count, f"the number of {thing} that are missing", "@ are missing", thing)
    s.ask(more, f"how many more {thing} does {a} need", f"how many {thing} does {a} still have to get")


def _uses(s: Story, a: Person, count: Quantity, thing: Noun) -> None:
    daily = s.given(s.whole(2, 9), f"the number of {thing} used up each day", f"{a} uses up @ a day", thing)
    days = s.given(s.whole(2, 10), "the number of days", "this goes on for @", DAYS_LONG)
    s.say(
        f"from then on, {a.he} uses up {daily:n} a day for {days}",
        f"each day after that {a.he} uses {daily:n} of them, for {days}",
    )
    used = s.find(daily * days, f"the number of {thing} used in {days}", f"{a} uses @ in {days}", thing)
    left = s.find(count - used, f"the number of {thing} left after {days}", f"{a} has @ left after {days}", thing)
    s.ask(left, f"how many {thing} are left after that", f"how many {thing} does {a} have after {days}")
