"""Plots about play: quizzes, leagues, swaps, averages to reach, laps, videos, puzzles, tokens and levels of games."""

from collections.abc import Callable
from typing import Final

from genverify.data.algebra.story import Story, UnfitError, listed
from genverify.data.algebra.terms import DOLLARS, Noun, Op, per
from genverify.data.algebra.words.lists import DAYS_LONG, HOURS, KILOMETERS, METERS, MINUTES, POINTS, TIMES
from genverify.data.algebra.words.plots.people import in_any_order
from genverify.data.algebra.words.relations import related

_GAMES: Final = Noun("game", "games")
_LAPS: Final = Noun("lap", "laps")
_PIECES: Final = Noun("piece", "pieces")
_SECONDS: Final = Noun("second", "seconds")
_TICKETS: Final = Noun("ticket", "tickets")
_TOKENS: Final = Noun("token", "tokens")
_VIEWS: Final = Noun("view", "views")


def quiz(s: Story) -> None:
    """Points for right answers, penalties for wrong ones: to the score, or back to the wrong answers."""
    a = s.person()
    event = s.one("a geography quiz", "a spelling contest", "a science bowl", "a history contest", "a music quiz")
    wrong, blank = s.whole(2, 9), s.whole(2, 8)
    r = s.given(s.whole(9, 30), "the number of right answers", f"{a} gave # right answers")
    n = s.given(r.value + wrong + blank, "the number of questions", "there were # questions")
    p = s.given(s.whole(5, 10), "the number of points for a right answer", "a right answer brings @", POINTS)
    m = s.given(s.whole(2, 4), "the penalty for a wrong answer", "a wrong answer costs @", POINTS)
    s.say(
        f"{event} has {n:n} questions. A right answer brings {p}, a wrong one costs {m}, a blank one nothing",
        f"in {event} of {n:n} questions, you lose {m} for every wrong answer, gain {p} for every right one, and neither"
        " gain nor lose anything by leaving a question out",
    )
    plus = s.find(r * p, f"the number of points {a} gained", f"{a} gained @", POINTS)
    if s.chance(0.5):
        score = s.given(plus.value - wrong * m.value, f"{a}'s score", f"{a}'s score was @", POINTS)
        s.say(f"{a} got {r:n} right and ended up with {score}", f"{a}'s score was {score}, with {r:n} right answers")
        lost = s.find(plus - score, f"the number of points {a} lost", f"{a} lost @", POINTS)
        bad = s.find(lost / m, "the number of wrong answers", f"{a} gave # wrong answers")
        if s.chance(0.4):
            s.ask(bad, f"how many wrong answers did {a} give", f"how many of {a}'s answers were wrong")
            return
        out = s.find(n - r - bad, "the number of blank answers", f"{a} left # questions blank")
        s.ask(out, f"how many questions did {a} leave blank", f"to how many questions did {a} give no answer")
        return
    b = s.given(blank, "the number of blank answers", f"{a} left # questions blank")
    s.say(f"{a} left {b:n} blank and got {r:n} right", f"{a} knew {r:n} of them, skipped {b:n}, and got the rest wrong")
    bad = s.find(n - r - b, "the number of wrong answers", f"{a} gave # wrong answers")
    lost = s.find(bad * m, f"the number of points {a} lost", f"{a} lost @", POINTS)
    score = s.find(plus - lost, f"{a}'s score", f"{a}'s score was @", POINTS)
    s.ask(score, f"what was {a}'s score", f"how many points did {a} end up with")


def standings(s: Story) -> None:
    """Points for wins and draws; the gap to a rival, or the wins that are missing."""
    team, rival = s.rng.sample(
        ("the Falcons", "the Otters", "the Comets", "the Badgers", "the Herons", "the Pilots"), 2
    )
    wins, losses = s.whole(4, 16), s.whole(2, 9)
    win = s.given(s.one(2, 3, 3, 4, 5), "the number of points for a win", "a win brings @", POINTS)
    draw = s.given(1 if win.value < 4 else 2, "the number of points for a draw", "a draw brings @", POINTS)
    n = s.given(wins + losses + s.whole(2, 8), "the number of games", f"{team} played @", _GAMES)
    won = s.given(wins, f"the number of wins of {team}", f"{team} won @", _GAMES)
    lost = s.given(losses, f"the number of losses of {team}", f"{team} lost @", _GAMES)
    s.say(
        f"a {s.one('hockey', 'soccer')} league gives {win} for a win, {draw} for a draw and none for a loss",
        f"in a league, a draw is worth {draw} and a win {win}, while a loss is worth nothing",
    )
    s.say(
        f"{team} have won {won:n} of {n} and lost {lost:n}",
        f"{team} have played {n}, with {won:n} wins and {lost:n} losses",
    )
    level = s.find(n - won - lost, f"the number of draws of {team}", f"{team} drew @", _GAMES)
    high = s.find(won * win, f"the number of points of {team} from wins", f"{team} got @ from wins", POINTS)
    low = s.find(level * draw, f"the number of points of {team} from draws", f"{team} got @ from draws", POINTS)
    total = s.find(high + low, f"the number of points of {team}", f"{team} have @", POINTS)
    if s.chance(0.3):
        s.ask(total, f"how many points do {team} have", f"what is the number of points of {team}")
        return
    ahead = s.given(
        total.value + win.value * s.whole(2, 6), f"the number of points of {rival}", f"{rival} have @", POINTS
    )
    s.say(f"{rival} have {ahead} and play no more", f"{rival}, whose season is over, have {ahead}")
    gap = s.find(ahead - total, f"the lead of {rival}", f"{rival} are ahead by @", POINTS)
    if s.chance(0.4):
        s.ask(gap, f"by how many points do {rival} lead over {team}", f"how many points must {team} make up")
        return
    more = s.find(gap / win, f"the number of wins that {team} need", f"{team} need # more wins")
    s.ask(more, f"how many more wins do {team} need to draw level", f"with how many more wins will {team} draw level")


def tournament(s: Story) -> None:
    """Everyone in a group plays everyone else; the games in all, or the time they take on several fields."""
    sport, field, who = s.one(
        ("volleyball", "court", "team"), ("table tennis", "table", "player"), ("chess", "board", "player"),
        ("badminton", "court", "player"), ("handball", "court", "team"), ("checkers", "board", "player"),
    )  # fmt: skip
    g = s.given(s.whole(2, 8), "the number of groups", "there are # groups")
    k = s.given(s.whole(3, 8), f"the number of {who}s in a group", f"a group has # {who}s")
    s.say(
        f"a {sport} tournament has {g:n} groups of {k:n}. Within a group, every {who} meets every other {who} once",
        f"in {sport}, {g:n} groups of {k:n} are formed, and each {who} plays every other {who} in its group once",
    )
    each = s.find(k - 1, f"the number of games of one {who}", f"every {who} plays @ in its group", _GAMES)
    twice = s.find(k * each, f"the sum of the games of all {who}s in a group", f"added up by {who}, that is @", _GAMES)
    group = s.find(
        twice / 2, "the number of games in a group", "there are @ in a group", _GAMES, why=f"two {who}s share each game"
    )
    all_ = s.find(group * g, "the number of games in all groups", "there are @ in all groups", _GAMES)
    way = s.whole(0, 2)
    if way == 0:
        s.ask(all_, "how many games are played in the groups", "how many games do all the groups make together")
    elif way == 1:
        q = s.given(g.value * 2, f"the number of {who}s that go on", f"# {who}s go on")
        s.say(f"the best {q:n} go on, and from then on whoever loses a game is out, until one {who} is left")
        knock = s.find(q - 1, "the number of games after the groups", "there are @ after the groups", _GAMES)
        total = s.find(all_ + knock, "the number of games of the tournament", "there are @ in the tournament", _GAMES)
        s.ask(total, "how many games does the whole tournament have", "how many games are played from start to end")
    else:
        f = s.given(s.whole(2, 6), f"the number of {field}s", f"there are # {field}s")
        t = s.given(s.whole(10, 50, 5), "the number of minutes of a game", "a game takes @", MINUTES)
        s.say(
            f"{f:n} {field}s are in use all the time, and a game takes {t}",
            f"a game lasts {t}, and {f:n} are played at once",
        )
        rounds = s.find(all_ / f, f"the number of games on each {field}", f"each {field} sees @", _GAMES)
        time = s.find(rounds * t, "the number of minutes for the groups", "the groups take @", MINUTES)
        s.ask(time, "how many minutes do the group games take", "after how many minutes are the groups finished")


def swaps(s: Story) -> None:
    """Swap several small things for a big one until there are enough; what is left or missing."""
    a, b = s.people(2)
    small, big = s.one(
        (Noun("blue marble", "blue marbles"), Noun("glass marble", "glass marbles")),
        (Noun("common card", "common cards"), Noun("gold card", "gold cards")),
        (Noun("plain sticker", "plain stickers"), Noun("hologram", "holograms")),
        (Noun("acorn", "acorns"), Noun("pine cone", "pine cones")),
    )
    k = s.given(s.whole(3, 9), f"the number of {small} for one {big.one}", f"one {big.one} costs @", small)
    m = s.given(s.whole(2, 9), f"the number of {big} {a} has", f"{a} has @", big)
    goal = s.given(m.value + s.whole(3, 12), f"the number of {big} {a} wants", f"{a} wants @", big)
    n = s.given(s.whole(15, 90), f"the number of {small} {a} has", f"{a} has @", small)
    s.say(f"{a} has {n} and {m}", f"in {a}'s box there are {m} and {n}")
    s.say(f"{b} gives one {big.one} for every {k}", f"for {k}, {b} hands over one {big.one}")
    more = s.find(goal - m, f"the number of {big} {a} needs", f"{a} needs # more {big}", big)
    cost = s.find(more * k, f"the number of {small} to give for them", f"they cost {a} @", small)
    if s.chance(0.3):
        gift = s.given(s.whole(5, 25), f"the number of {small} from a cousin", f"a cousin gives {a} @", small)
        s.say(f"a cousin lets {a} have another {gift:n} {small}", f"{a} gets {gift:n} more {small} from a cousin")
        n = s.find(n + gift, f"the number of {small} {a} can swap", f"{a} can swap @", small)
    s.say(f"{a} wants to own {goal}", f"{a} would like to swap until there are {goal} in {a.his} box")
    if n.value > cost.value:
        left = s.find(n - cost, f"the number of {small} left", f"{a} has @ left", small)
        s.ask(left, f"how many {small} will {a} have left", f"how many {small} does {a} keep", then="things")
        return
    miss = s.find(cost - n, f"the number of {small} that are missing", f"{a} is short of @", small)
    s.ask(miss, f"how many more {small} does {a} need for that", f"how many {small} does {a} lack")


def average_to_reach(s: Story) -> None:
    """Find a missing value, or what is needed each time from now on, from an average."""
    a = s.person()
    did, unit, low, high, step, one = s.one(
        ("walked", Noun("step", "steps"), 4000, 14000, 100, "day"), ("scored", POINTS, 6, 34, 1, "game"),
        ("did", Noun("push-up", "push-ups"), 10, 60, 1, "day"), ("solved", Noun("puzzle", "puzzles"), 3, 24, 1, "week"),
        ("bowled", Noun("pin", "pins"), 90, 210, 1, "round"), ("juggled for", _SECONDS, 8, 70, 1, "try"),
    )  # fmt: skip
    times = Noun(one, "tries" if one == "try" else f"{one}s")
    d, more = s.whole(3, 5), s.one(1, 1, 2, 3)
    got = [
        s.given(s.whole(low, high, step), f"{a}'s {word} number", f"{a} {did} @ in the {word} {one}", unit)
        for word in ("first", "second", "third", "fourth", "fifth")[:d]
    ]
    shown = listed([f"{q:n}" for q in got])
    known = s.find(Op("+", tuple(got)), f"the number of {unit} so far", f"{a} {did} @ so far", unit)
    n = s.given(d + more, f"the number of {times} in all", "there are @ in all", times)
    avg = s.given(s.whole(low, high, step), f"the average for one {one}", "the average is @", unit)
    all_ = s.find(avg * n, f"the number of {unit} for that average", f"the {times} make @ in all", unit)
    when = f"in the last {one}" if more == 1 else f"in the other {times}"
    rest = s.find(all_ - known, f"the number of {unit} {when}", f"there are @ {when}", unit)
    if not more * low // 2 < rest.value < more * high:
        raise UnfitError("far from the others")
    if more == 1:
        s.say(
            f"over {n}, {a} {did} {avg} on average. In all but the last {one} it was {shown}",
            f"{a} {did} {shown} {unit} in the first {d} {times}, and after {n} {a.his} average was {avg:n}",
        )
        s.ask(rest, f"how many {unit} was it in the last {one}", f"what was {a}'s number in the last {one}")
        return
    s.say(f"so far, {a} {did} {shown} {unit} in {d} {times}", f"{a} {did} {shown} {unit} in the first {d} {times}")
    s.say(f"after {n}, {a.he} wants an average of {avg}", f"{a.his} aim is an average of {avg:n} over {n}")
    left = s.find(n - d, f"the number of {times} that are left", "there are @ left", times)
    each = s.find(rest / left, f"the number of {unit} needed each time", f"{a} needs @ each time", unit)
    s.ask(each, f"how many {unit} does {a} need on average in each {one} that is left")


def laps(s: Story) -> None:
    """Laps at two speeds against a record in minutes, or meters to a distance in kilometers."""
    a = s.person()
    verb, place, sizes, pace = s.one(
        ("swims", "pool", (20, 25, 50), s.whole(110, 190)),
        ("runs", "track", (200, 250, 400), s.whole(22, 44)),
        ("skates", "rink", (125, 200, 250), s.whole(14, 28)),
    )
    n = s.given(s.whole(6, 30), "the number of laps", f"{a} {verb} @", _LAPS)
    length = s.given(s.one(*sizes), "the length of a lap", "one lap is @ long", METERS)
    s.say(f"a lap of the {place} where {a} trains is {length} long", f"{a} {verb} laps of {length}")
    if s.chance(0.45):
        km = s.given(
            s.whole(1, 2 if place == "pool" else 9), f"the distance {a} plans", f"{a} plans to do @", KILOMETERS
        )
        s.say(f"{a.he} wants to cover {km} and has finished {n}", f"{n} are done, and the goal for today is {km}")
        done = s.find(n * length, "the distance so far", f"{a} has covered @", METERS)
        goal = s.find(km * per(1000, "meters per kilometer"), "the goal in meters", "the goal is @", METERS)
        rest = s.find(goal - done, "the distance to go", "there are @ to go", METERS)
        left = s.find(rest / length, "the number of laps to go", "there are @ to go", _LAPS)
        s.ask(left, f"how many laps are left for {a}", f"how many more laps does {a} have to do")
        return
    t = s.given(length.value * pace // 100, "the time for a fast lap", "a fast lap takes @", _SECONDS)
    x = s.given(s.whole(2, 9), "the delay", f"{a} is @ slower on each later lap", _SECONDS)
    k = s.given(s.whole(3, int(n.value) - 2), "the number of fast laps", "# laps are fast", _LAPS)
    s.say(
        f"the first {k:n} of {n} take {t} each, and all the others {x} more",
        f"{a} does {n}, {k:n} of them in {t} each and the rest {x} slower",
    )
    fast = s.find(k * t, "the time for the fast laps", "the fast laps take @", _SECONDS)
    others = s.find(n - k, "the number of slow laps", "# laps are slower", _LAPS)
    slow = s.find(t + x, "the time for a slow lap", "a slow lap takes @", _SECONDS)
    late = s.find(others * slow, "the time for the slow laps", "the slow laps take @", _SECONDS)
    total = s.find(fast + late, "the time for all laps", "all laps take @", _SECONDS)
    if s.chance(0.4):
        s.ask(total, f"how many seconds does {a} need for all the laps", "what is the whole time in seconds")
        return
    record = s.given(total.value // 60 + 1, f"{a}'s record", f"{a}'s record is @", MINUTES)
    s.say(f"{a.his} record for this distance is {record}", f"{a.his} best time until now was {record}")
    old = s.find(record * per(60, "seconds per minute"), "the record in seconds", "the record is @", _SECONDS)
    gap = s.find(old - total, "the lead over the record", f"{a} beats the record by @", _SECONDS)
    s.ask(gap, f"by how many seconds does {a} beat that", f"how many seconds faster is {a} this time")


def channel(s: Story) -> None:
    """Views bring money for every thousand; subscribers come and go until a mark is reached."""
    a, about = s.person(), s.one("baking", "chess", "old trains", "gardening", "skateboarding", "paper planes", "birds")
    if s.chance(0.5):
        now = s.given(s.whole(200, 8000, 50), "the number of subscribers", f"{a} has # subscribers")
        plus = s.given(s.whole(20, 90), "the number of new subscribers each day", "# subscribe each day")
        minus = s.given(s.whole(3, 18), "the number of subscribers lost each day", "# leave each day")
        goal = s.given(now.value + (plus.value - minus.value) * s.whole(5, 40), "the goal", "the goal is # subscribers")
        s.say(
            f"{a}'s channel about {about} has {now:n} subscribers", f"{now:n} people follow {a}'s channel about {about}"
        )
        s.say(
            f"every day {plus:n} people join and {minus:n} leave",
            f"it loses {minus:n} of them a day but gains {plus:n}",
        )
        net = s.find(plus - minus, "the gain each day", f"{a} gains # subscribers each day")
        miss = s.find(
            goal - now, "the number of subscribers that are missing", f"{a} is # subscribers short of the goal"
        )
        days = s.find(miss / net, "the number of days until the goal", "the goal is reached after @", DAYS_LONG)
        s.ask(days, f"after how many days will there be {goal:n}", f"how many days does it take to get to {goal:n}")
        return
    first = s.given(
        s.whole(2000, 30000, 500), "the number of views of the first video", "the first video has @", _VIEWS
    )
    rel = related(s, first, _VIEWS)
    pay = s.dollars(s.money(2, 9), "the pay for a thousand views", "a thousand views bring @")
    s.say(
        f"{a}'s first video about {about} was viewed {first:n} times",
        f"{a} made a video about {about} that got {first}",
    )
    s.say(f"the second one got {rel.more} views {rel.joint} the first", f"the next had {rel.more} {rel.joint} that one")
    s.say(f"an ad pays {pay} for every thousand views", f"{a} is paid {pay} per thousand views")
    second = s.find(rel.how, "the number of views of the second video", "the second video has @", _VIEWS)
    both = s.find(first + second, "the number of views of both videos", "both videos have @", _VIEWS)
    packs = s.find(
        both / per(1000, "views per thousand"),
        "the number of thousands of views",
        "that is @ views",
        Noun("thousand", "thousand", places=2),
    )
    money = s.find(packs * pay, "the money from the ad", f"{a} gets @", DOLLARS)
    s.ask(money, f"how much money does {a} get for both videos", "how many dollars do the two bring", then="money")


def jigsaw(s: Story) -> None:
    """Two people place pieces, a third joins; the hours to the end or the pieces that are left."""
    a, b, c = s.people(3)
    x, y, z = (
        s.given(s.whole(15, 70), f"the number of pieces {who} places an hour", f"{who} places @ an hour", _PIECES)
        for who in (a, b, c)
    )
    t = s.given(s.whole(2, 6), f"the number of hours without {c}", f"{a} and {b} work alone for @", HOURS)
    edge = s.given(s.whole(40, 160, 2), "the number of pieces of the frame", "the frame has @", _PIECES)
    rest = (x.value + y.value) * t.value + (x.value + y.value + z.value) * s.whole(1, 6)
    size = s.given(edge.value + rest, "the number of pieces of the puzzle", "the puzzle has @", _PIECES)
    picture = s.one("a lighthouse", "a harbor", "the night sky", "a coral reef", "a market", "a castle")
    s.say(
        f"a jigsaw puzzle of {picture} has {size}, and the frame of {edge:n} is already done",
        f"in a puzzle of {picture} only the frame of {edge} is in place. The whole puzzle has {size}",
    )
    in_any_order(s, (f"{a} places {x} an hour", f"in an hour, {a} places {x}"), (f"{b} manages {y} an hour",))
    s.say(f"after {t}, {c} joins them and adds {z} an hour", f"{c}, who places {z} an hour, comes to help {t} later")
    both = s.find(x + y, "the number of pieces two place an hour", f"{a} and {b} place @ an hour", _PIECES)
    early = s.find(both * t, f"the number of pieces placed without {c}", f"@ are placed without {c}", _PIECES)
    left = s.find(
        size - edge - early, f"the number of pieces left when {c} comes", f"@ are left when {c} comes", _PIECES
    )
    three = s.find(both + z, "the number of pieces three place an hour", "the three place @ an hour", _PIECES)
    end = s.find(left / three, "the number of hours of the three", "the three need @", HOURS)
    total = s.find(t + end, "the number of hours in all", "the puzzle is done after @", HOURS)
    way = s.whole(0, 2)
    if way == 0:
        s.ask(left, f"how many pieces are left when {c} joins in", f"how many pieces are missing when {c} comes")
    elif way == 1:
        s.ask(
            end, "for how many hours do the three work together", f"how many hours after {c} comes is the puzzle done"
        )
    else:
        s.ask(total, f"for how many hours does {a} work on it", f"how many hours after {a} and {b} began is it done")


def arcade(s: Story) -> None:
    """Dollars to tokens, tokens to games, games to tickets, tickets to a prize."""
    a = s.person()
    money = s.dollars(s.whole(5, 30), f"the money {a} spends", f"{a} spends @ on tokens")
    k = s.given(s.whole(3, 6), "the number of tokens for a dollar", "a dollar buys @", _TOKENS)
    c = s.given(s.whole(2, 5), "the number of tokens for a game", "a game costs @", _TOKENS)
    w = s.given(s.whole(4, 15), "the number of tickets from a game", "a game brings @", _TICKETS)
    s.say(
        f"at an arcade, {a} buys tokens for {money}, and a dollar buys {k}",
        f"an arcade sells {k:n} tokens for a dollar, and {a} spends {money} on tokens",
    )
    tokens = s.find(money * k, f"the number of tokens {a} buys", f"{a} buys @", _TOKENS)
    if s.chance(0.4):
        extra = s.given(s.whole(2, 12), "the number of free tokens", f"{a} gets @ for free", _TOKENS)
        s.say(f"for a birthday, {a.he} gets {extra:n} more tokens for free", f"{extra} come on top as a gift")
        tokens = s.find(tokens + extra, f"the number of tokens {a} has", f"{a} has @", _TOKENS)
    in_any_order(s, (f"a game costs {c}", f"every game takes {c}"), (f"each game that {a} plays wins {w}",))
    games = s.find(tokens / c, f"the number of games {a} plays", f"{a} plays @", _GAMES)
    won = s.find(games * w, f"the number of tickets {a} wins", f"{a} wins @", _TICKETS)
    s.say(f"{a} uses up all the tokens", f"{a} plays until no token is left")
    if s.chance(0.3):
        s.ask(won, f"how many tickets does {a} win", f"how many tickets does {a} take home")
        return
    prize = s.one("a kite", "a stuffed bear", "a yo-yo", "a model rocket", "a board game", "a water gun")
    cost = s.given(won.value + w.value * s.whole(2, 9), f"the price of {prize}", f"{prize} costs @", _TICKETS)
    s.say(f"{prize} is to be had for {cost}", f"{a} has {a.his} eye on {prize} for {cost}")
    miss = s.find(cost - won, "the number of tickets that are missing", f"{a} is @ short", _TICKETS)
    if s.chance(0.4):
        s.ask(miss, f"how many more tickets does {a} need", f"how many tickets is {a} short")
        return
    more = s.find(miss / w, "the number of games that are missing", f"{a} has to play # more", _GAMES)
    s.ask(more, f"how many more games does {a} have to play for {prize}", f"how many games more would win {a} {prize}")


def levels(s: Story) -> None:
    """Levels that cost more and more; the sum of them, the quests for the last one, or the time it takes."""
    a, k = s.person(), s.whole(2, 3)
    coin = s.one(Noun("gem", "gems"), Noun("star", "stars"), Noun("coin", "coins"), Noun("crystal", "crystals"))
    p = s.given(s.whole(20, 200, 10), "the cost of the first level", "the first level takes @", coin)
    d = (
        s.given(s.whole(10, 90, 10), "the step", "each level takes # more than the last", coin)
        if s.chance(0.5)
        else None
    )
    s.say(f"in a game that {a} plays, the first level takes {p}", f"{a} needs {p} to pass the first level of a game")
    told = f"takes {d:n} more than the one before" if d else f"takes {TIMES[k]} as many {coin} as the one before"
    s.say(f"each level after that {told}", f"every further level {told}")
    second = s.find(p + d if d else p * k, "the cost of the second level", "the second level takes @", coin)
    third = s.find(second + d if d else second * k, "the cost of the third level", "the third level takes @", coin)
    total = s.find(p + second + third, "the cost of the three levels", "the three levels take @", coin)
    if s.chance(0.15):
        s.ask(total, f"how many {coin} do the first three levels take", f"how many {coin} take {a} through level three")
        return
    have = s.given(s.whole(10, 150, 10), f"the number of {coin} {a} has", f"{a} has @", coin)
    q = s.given(s.one(10, 20, 25, 30, 40, 50), f"the number of {coin} from one quest", "one quest brings @", coin)
    in_any_order(s, (f"{a} has collected {have} so far",), (f"a quest brings {q}", f"for every quest there are {q}"))
    rest = s.find(total - have, f"the number of {coin} that are missing", "@ are missing", coin)
    n = s.find(rest / q, "the number of quests", f"{a} needs # quests")
    if n.value > 40:
        raise UnfitError("a very long game")
    if s.chance(0.5):
        s.ask(n, f"how many quests does {a} need to pass three levels", f"how many quests take {a} through level three")
        return
    t = s.given(s.whole(4, 15), "the number of minutes of one quest", "a quest takes @", MINUTES)
    s.say(f"a quest takes {a} {t}", f"{a} needs {t} for a quest")
    time = s.find(n * t, "the number of minutes for the quests", "the quests take @", MINUTES)
    s.ask(time, f"after how many minutes is {a} through level three", "in how many minutes can level three be done")


PLAY: Final[tuple[Callable[[Story], None], ...]] = (
    quiz, standings, tournament, swaps, average_to_reach, laps, channel, jigsaw, arcade, levels,
)  # fmt: skip
"""The plots."""
