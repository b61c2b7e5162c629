"""Plots about counted things: collections, gifts, packing, farms, gardens."""

from collections.abc import Callable
from typing import Final

from genverify.data.algebra.story import Story, listed
from genverify.data.algebra.terms import Noun, Op, Quantity, percent
from genverify.data.algebra.words.lists import COLORS, DAYS, DAYS_LONG
from genverify.data.algebra.words.relations import known_by, part_of, related

_HOLDS: Final = (
    ("has", "have"), ("collected", "collect"), ("found", "find"), ("owns", "own"), ("bought", "buy"),
    ("counted", "count"), ("received", "receive"),
)  # fmt: skip


def comparison(s: Story) -> None:
    """Compare what two to four people have, then ask for one, for all, for a difference or for a share."""
    people = s.people(s.whole(2, 4))
    scene = s.one("toys", "toys", "crops", "baked", "flowers", "shop", "tasks", "food")
    (thing,) = s.things(scene)
    has, have = {
        "crops": ("picked", "pick"),
        "baked": ("baked", "bake"),
        "flowers": ("planted", "plant"),
        "tasks": ("finished", "finish"),
    }.get(scene) or s.one(*_HOLDS)
    first = people[0]
    held = [s.given(s.whole(6, 90), f"the number of {thing} {first} {has}", f"{first} {has} @", thing, say=True)]
    for who in people[1:]:
        base_at = s.whole(0, len(held) - 1)
        base, whom = held[base_at], people[base_at]
        back = s.chance(0.35)
        rel = known_by(s, base, thing) if back else related(s, base, thing)
        one, other = (whom, who) if back else (who, whom)
        told = f"{one} {has} {rel.more} {thing} {rel.joint} {other}"
        held.append(s.find(rel.how, f"the number of {thing} {who} {has}", f"{who} {has} @", thing, why=told))
        end = s.one("", " did" if has not in ("has", "owns") else " does")
        s.say(told + end, f"{one} {has} {rel.more} {rel.joint} {other}{end}")
    _ask_about_group(s, [str(p) for p in people], held, thing, have, has)


def _ask_about_group(s: Story, names: list[str], held: list[Quantity], thing: Noun, have: str, has: str) -> None:
    past = has not in ("has", "owns")
    do, does = ("did", "did") if past else ("do", "does")
    way = s.whole(0, 5) if have not in ("finish", "pick") else s.one(0, 5)
    group = f"{listed(names)}" if len(names) == 2 else s.one(listed(names), "they")
    total = s.find(_sum(held), f"the total number of {thing}", f"they {has if past else 'have'} @ altogether", thing)
    if way <= 2:
        s.ask(
            total,
            f"how many {thing} {do} {group} {have} altogether",
            f"how many {thing} {do} they {have} in total",
            f"what is the total number of {thing} that {group} {has if past else 'have'}",
        )
    elif way == 3:
        boxes, word = s.whole(2, 8), s.one("boxes", "bags", "baskets")
        n = s.given(boxes, f"the number of {word}", f"there are @ {word}")
        each = s.find(total / n, f"the number of {thing} in each of the {word}", f"@ go into each of the {word}", thing)
        s.say(f"they put all of them into {n} {word} with the same number in each")
        s.ask(each, f"how many {thing} go into each of the {word}", f"how many {thing} are in each of the {word}")
    elif way == 4:
        x = s.given(s.whole(3, 40), f"the number of {thing} given away", "they give away @", thing)
        left = s.find(total - x, f"the number of {thing} left", "they have @ left", thing)
        s.say(
            f"together they give {x} away",
            f"they then donate {x} to a school",
            f"{x:n} of these turn out to be damaged and are thrown away",
        )
        s.ask(left, f"how many {thing} do they have left", f"how many {thing} are left in the end")
    else:
        last, who = held[-1], names[-1]
        s.ask(last, f"how many {thing} {does} {who} {have}", f"what is the number of {thing} that {who} {has}")


def _sum(parts: list[Quantity]) -> Op:
    return Op("+", tuple(parts))


def giving(s: Story) -> None:
    """Give things away, lose some, get some, in a row."""
    a = s.person()
    (thing,) = s.things(s.one("toys", "baked", "shop", "food", "crops"))
    now = s.given(s.whole(25, 150), f"the number of {thing} {a} had at first", f"{a} had @ at first", thing)
    s.say(f"{a} had {now}", f"{a} started with {now}", f"at the start of the week {a} had {now}")
    for turn in range(s.whole(2, 4)):
        b = s.person()
        way = s.whole(0, 4)
        after = (
            s.one("after that", "then", "later")
            if turn
            else s.one(f"on {s.one(*DAYS)}", "one morning", "in the first week")
        )
        if way == 0:
            x = s.given(s.whole(3, 30), f"the number of {thing} given to {b}", f"{a} gave @ to {b}", thing)
            s.say(f"{after}, {a.he} gave {x} to {b}", f"{a.he} gave {b} {x}")
            now = s.find(
                now - x,
                f"the number of {thing} left after giving some to {b}",
                f"{a} had @ after giving some to {b}",
                thing,
            )
        elif way == 1:
            x = s.given(s.whole(3, 30), f"the number of {thing} from {b}", f"{b} gave {a} @", thing)
            s.say(
                f"{b} gave {a.him} {x} more" if x.written.isdigit() else f"{b} gave {a.him} another {x}",
                f"{after}, {a.he} got {x} from {b}",
            )
            now = s.find(
                now + x,
                f"the number of {thing} {a} had after getting some from {b}",
                f"{a} had @ after getting some from {b}",
                thing,
            )
        elif way == 2:
            share, words = part_of(s)
            s.say(
                f"{after}, {a.he} gave {words} of what {a.he} had to {b}",
                f"{a.he} gave {b} {words} of the {thing} {a.he} had at that point",
            )
            x = s.find(share * now, f"the number of {thing} {b} got", f"{b} got @", thing)
            now = s.find(
                now - x,
                f"the number of {thing} left after {b} got {b.his} share",
                f"{a} had @ after {b} got {b.his} share",
                thing,
            )
        elif way == 3:
            s.say(f"{a.he} lost half of what {a.he} had", f"{after}, half of {a.his} {thing} got lost")
            now = s.find(
                now / 2, f"the number of {thing} left after half were lost", f"{a} had @ after losing half", thing
            )
        else:
            rate = s.rate(s.whole(10, 60, 10), "the percentage given away", f"{a} gave away @")
            s.say(
                f"{after}, {a.he} donated {rate} of {a.his} {thing} to {b}'s class",
                f"{a.he} gave {rate} of the {thing} {a.he} had to {b}",
            )
            x = s.find(percent(rate, now), f"the number of {thing} given to {b}", f"{a} gave @ to {b}", thing)
            now = s.find(now - x, f"the number of {thing} left after that gift", f"{a} had @ after that gift", thing)
    s.ask(
        now,
        f"how many {thing} does {a} have now",
        f"how many {thing} does {a} have left",
        f"how many {thing} did {a} end up with",
        then="things",
    )


def packing(s: Story) -> None:
    """Count things in rows, boxes or bags, of one or two kinds."""
    a = s.person()
    box, box2 = s.things("containers", 2)
    (thing,) = s.things(s.one("crops", "toys", "baked", "shop"))
    verb = s.one("packs", "loads", "sorts")
    n = s.given(s.whole(3, 15), f"the number of {box}", "there are @", box)
    k = s.given(s.whole(4, 30), f"the number of {thing} in one {box.one}", f"each {box.one} holds @", thing)
    s.say(f"{a} {verb} {thing} into {n} with {k} in each", f"{a} has {n}, and each {box.one} holds {k}")
    first = s.find(n * k, f"the number of {thing} in the {box}", f"the {box} hold @", thing)
    m = s.given(s.whole(2, 10), f"the number of {box2}", "there are @", box2)
    j = s.given(s.whole(3, 20), f"the number of {thing} in one {box2.one}", f"each {box2.one} holds @", thing)
    s.say(f"{a.he} also fills {m} with {j} each", f"there are also {m} with {j} in each of them")
    second = s.find(m * j, f"the number of {thing} in the {box2}", f"the {box2} hold @", thing)
    way = s.whole(0, 3)
    if way == 0:
        total = s.find(first + second, f"the total number of {thing}", "there are @ in all", thing)
        s.ask(total, f"how many {thing} are there in all", f"how many {thing} does {a} have altogether", then="things")
    elif way == 1:
        more = s.find(first - second, f"how many more {thing} the {box} hold", f"the {box} hold @ more", thing)
        s.ask(more, f"how many more {thing} are in the {box} than in the {box2}")
    elif way == 2:
        bad = s.given(s.whole(2, 25), f"the number of spoiled {thing}", "@ are no good", thing)
        total = s.find(first + second, f"the total number of {thing}", "there are @ in all", thing)
        good = s.find(total - bad, f"the number of {thing} that can be used", "@ can be used", thing)
        s.say(f"{bad} turn out to be no good", f"later {a.he} has to throw {bad} away")
        s.ask(good, f"how many {thing} can still be used", f"how many good {thing} are left", then="things")
    else:
        total = s.find(first + second, f"the total number of {thing}", "there are @ in all", thing)
        share = s.given(s.whole(2, 9), "the number of people", "@ people share them")
        each = s.find(total / share, f"the number of {thing} each person gets", "each person gets @", thing)
        s.say(f"{share} people share all of them equally", f"everything is divided equally among {share} families")
        s.ask(each, f"how many {thing} does each of them get", f"how many {thing} is that for each one")


def farm(s: Story) -> None:
    """Count animals, their eggs, legs or food."""
    x, y = s.things("animals", 2)
    place = s.one("A farm", "A petting zoo", "A ranch", f"{s.person()}'s farm")
    n = s.given(s.whole(8, 80), f"the number of {x}", "there are @", x)
    rel = related(s, n, x)
    m = s.find(rel.how, f"the number of {y}", "there are @", y, why=f"there are {rel.more} {y} {rel.joint} {x}")
    s.say(
        f"{place} has {n}",
        f"there are {n} on {place[0].lower() + place[1:]}" if place.startswith("A ") else f"{place} has {n}",
    )
    s.say(f"it has {rel.more} {y} {rel.joint} {x}", f"there are {rel.more} {y} {rel.joint} {x}")
    total = s.find(n + m, "the total number of animals", "there are @ in all", Noun("animal", "animals"))
    way = s.whole(0, 2)
    if way == 0:
        s.ask(total, "how many animals are there in all", f"how many {x} and {y} are there together")
    elif way == 1:
        food = s.given(
            s.whole(2, 6),
            "the food one animal eats a day",
            "each animal eats @ a day",
            Noun("pound", "pounds", places=1),
        )
        days = s.given(s.whole(3, 14), "the number of days", "the food is for @", DAYS_LONG)
        s.say(f"each animal eats {food} of feed a day", f"every animal gets {food} of feed per day")
        daily = s.find(total * food, "the feed needed each day", "the animals eat @ a day", food.noun)
        need = s.find(daily * days, "the feed needed for the whole time", "the animals eat @ in that time", food.noun)
        s.ask(
            need, f"how many pounds of feed are needed for {days}", f"how much feed, in pounds, do they eat in {days}"
        )
    else:
        sold = s.given(s.whole(2, 30), f"the number of {y} sold", "@ are sold", y)
        left = s.find(total - sold, "the number of animals left", "there are @ left", Noun("animal", "animals"))
        s.say(f"the owner sells {sold}", f"then {sold} are sold at an auction")
        s.ask(left, "how many animals are left")


def garden(s: Story) -> None:
    """Plant rows; some die or bear fruit."""
    a = s.person()
    (plant,) = s.things("plants")
    rows = s.given(s.whole(3, 15), "the number of rows", "there are @ rows")
    each = s.given(s.whole(4, 24), f"the number of {plant} in a row", "each row has @", plant)
    s.say(
        f"{a} plants {rows} rows with {each} in each row",
        f"{a}'s garden has {rows} rows of {plant}, and every row has {each:n} of them",
    )
    total = s.find(rows * each, f"the number of {plant}", f"{a} has @", plant)
    share, words = part_of(s)
    way = s.whole(0, 2)
    bad = s.find(share * total, f"the number of {plant} that die", "@ die", plant)
    s.say(f"{words} of them die in the first frost", f"a storm destroys {words} of the {plant}")
    left = s.find(total - bad, f"the number of {plant} left", "@ are left", plant)
    if way == 0:
        s.ask(left, f"how many {plant} are left", f"how many {plant} survive")
    elif way == 1:
        more = s.given(s.whole(3, 40), f"the number of new {plant}", f"{a} adds @", plant)
        now = s.find(left + more, f"the number of {plant} in the end", f"{a} has @ in the end", plant)
        s.say(f"{a} then plants {more:n} new ones", f"to make up for it, {a.he} adds {more:n} more")
        s.ask(now, f"how many {plant} does {a} have now", f"how many {plant} are in the garden in the end")
    else:
        k = s.given(s.whole(2, 9), "the number of blossoms on each", "each has @ blossoms")
        b = s.find(left * k, "the number of blossoms", "there are @ blossoms")
        s.say(f"each of the remaining ones has {k} blossoms")
        s.ask(b, "how many blossoms are there in all")


def colors(s: Story) -> None:
    """A jar with things of several colors; the rest is of the last."""
    (thing,) = s.things("toys")
    c1, c2, c3 = s.rng.sample(COLORS, 3)
    total = s.given(s.whole(40, 240, 2), f"the number of {thing}", "there are @", thing)
    where = s.one("a jar", "a box", "a bag", "a drawer", "a bowl")
    s.say(
        f"{where} holds {total} in {c1}, {c2} and {c3}", f"there are {total} in {where}, all of them {c1}, {c2} or {c3}"
    )
    one = _color(s, total, c1, thing, total)
    two = _color(s, total, c2, thing, one)
    used = s.find(one + two, f"the number of {c1} and {c2} {thing}", f"@ are {c1} or {c2}", thing)
    rest = s.find(total - used, f"the number of {c3} {thing}", f"@ are {c3}", thing)
    s.say(f"the rest are {c3}", f"all the others are {c3}")
    s.ask(rest, f"how many {c3} {thing} are there", f"how many of the {thing} are {c3}")


def _color(s: Story, total: Quantity, color: str, thing: Noun, base: Quantity) -> Quantity:
    way = s.whole(0, 3) if base is not total else s.whole(0, 2)
    if way == 0:
        share, words = part_of(s)
        s.say(f"{words} of the {thing} are {color}", f"{words} of them are {color}")
        return s.find(
            share * total,
            f"the number of {color} {thing}",
            f"@ are {color}",
            thing,
            why=f"{words} of the {total} are {color}",
        )
    if way == 1:
        rate = s.rate(s.whole(5, 45, 5), f"the share of {color} {thing}", f"@ of the {thing} are {color}")
        s.say(f"{rate} of the {thing} are {color}", f"{rate} of them are {color}")
        return s.find(
            percent(rate, total),
            f"the number of {color} {thing}",
            f"@ are {color}",
            thing,
            why=f"{rate} of the {total} are {color}",
        )
    if way == 2:
        x = s.given(s.whole(5, 40), f"the number of {color} {thing}", f"@ are {color}", thing)
        s.say(f"{x:n} of them are {color}", f"{x:n} are {color}")
        return x
    rel = related(s, base, thing)
    other = base.name.removeprefix("the number of ")
    s.say(f"there are {rel.more} {color} {thing} {rel.joint} {other}")
    return s.find(
        rel.how,
        f"the number of {color} {thing}",
        f"@ are {color}",
        thing,
        why=f"there are {rel.more} {color} {thing} {rel.joint} {other}",
    )


COUNT: Final[tuple[Callable[[Story], None], ...]] = (
    comparison,
    comparison,
    comparison,
    giving,
    giving,
    packing,
    farm,
    garden,
    colors,
)
"""The plots; one that stands here more than once is drawn as often."""
