"""Formulas to English sentences: one vocabulary a problem, several ways to say a rule, no sentence with two readings.

A sentence that would be ambiguous in plain words ("everyone is not tall") is said with a letter: "for every person x".
"""

import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from genverify.claims.grammar import App, Expr, Sym
from genverify.claims.writing import show
from genverify.data.logic.formulas import constants
from genverify.data.logic.rules import is_literal


@dataclass(frozen=True, slots=True)
class Theme:
    """Words that go together."""

    someone: str
    everyone: str
    nobody: str
    that_one: str
    sort: str
    """What a letter stands for in "for every person x"."""
    names: tuple[str, ...]
    qualities: tuple[str, ...]
    relations: tuple[tuple[str, str], ...]
    """Verbs with an object, in the third person and as the infinitive."""


_TRAITS: Final = tuple(
    "patient curious tidy honest cheerful stubborn clever quiet brave careless generous polite sleepy proud shy lazy "
    "witty gentle nervous loyal thrifty modest hungry famous".split()
)
_TRADES: Final = tuple(
    f"{'an' if trade[0] in 'aeiou' else 'a'} {trade}"
    for trade in (
        "baker weaver sailor dancer farmer painter pilot singer tailor gardener plumber surgeon poet judge miner nurse "
        "architect actor editor"
    ).split()
)
_FEATURES: Final = tuple(
    "red fragile heavy round hollow shiny dusty warm magnetic waterproof striped wooden sticky transparent rusty soft "
    "sharp painted ancient valuable cracked frozen portable smooth loud flat wet broken locked sealed empty dented "
    "numbered labelled polished insulated bent foldable scented wrapped glued varnished".split()
)
_MADE_UP: Final = tuple(
    f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
    for word in (
        "brimp dax fep glorp harn jilt kiv lomp mib norg plim quosh rell snerp tove urp vask wug yarm zorp blick crint "
        "drell flim gritch hux jasp klee morv nupe prax rindle squib trask vornel wimp yost zaff bron cleff dorb ferl"
    ).split()
)


def _verbs(infinitives: str) -> tuple[tuple[str, str], ...]:
    return tuple((f"{verb}s", verb) for verb in infinitives.split())


THEMES: Final = (
    Theme(
        "someone", "everyone", "no one", "that person", "person",
        ("Mara", "Tobias", "Ines", "Kofi", "Lena", "Ravi", "Sofia", "Emil", "Noor", "Hugo"),
        (*_TRAITS, *_TRADES),
        _verbs("trust admire help visit thank follow greet know blame avoid praise answer invite remember call owe "
               "like need see understand believe support defend"),
    ),
    Theme(
        "something", "everything", "nothing", "it", "thing",
        tuple(f"the {t}" for t in "copper kettle,old clock,green box,left drawer,small drum,iron gate,blue vase,"
              "tall shelf,back door,long rope".split(",")),
        _FEATURES,
        _verbs("cover support block hide move face hold shield damage balance cool shade contain surround precede "
               "follow heat mark reflect resemble scrape weaken protect"),
    ),
    Theme(
        "something", "everything", "nothing", "it", "creature",
        ("Abo", "Cirl", "Deno", "Fipp", "Gral", "Hemu", "Jolo", "Kess", "Lurn", "Mopo"),
        _MADE_UP,
        _verbs("chase like need see fear feed hear guard call lick nudge follow hunt tickle wake find bite help avoid "
               "trust protect ignore imitate"),
    ),
)  # fmt: skip
_EVENTS: Final = (
    ("pump engine siren fan heater printer elevator drill", "runs stops hums overheats restarts vibrates"),
    ("baker mayor teacher postman fiddler miller", "sings laughs waits travels rests complains whistles smiles"),
    ("valve relay sensor motor switch battery beacon gauge", "fails trips works opens blinks leaks closes"),
)
_SAID: Final = (
    "From {cites} it follows that {said} ({name}).",
    "{Cites} together give {name}: {said}.",
    "By {cites}, {said} ({name}).",
    "We can conclude from {cites} that {said} ({name}).",
)
_ENDS: Final = {True: "so the hypothesis holds", False: "so the hypothesis is false"}


_Word = TypeVar("_Word")


class English:
    """Says formulas in words, always the same for the same seed and names."""

    def __init__(self, formulas: Iterable[Expr], seed: int) -> None:
        self._rng = random.Random(seed)
        self._theme = self._rng.choice(THEMES)
        formulas = list(formulas)
        things = sorted({name for formula in formulas for name in constants(formula)})
        arities = _arities(formulas)
        self._names = dict(zip(things, _sample(self._rng, self._theme.names, len(things)), strict=True))
        places = {n: [p for p in sorted(arities) if arities[p] == n] for n in (0, 1, 2)}
        self._events = dict(zip(places[0], self._happenings(len(places[0])), strict=True))
        self._qualities = dict(zip(places[1], _sample(self._rng, self._theme.qualities, len(places[1])), strict=True))
        self._relations = dict(zip(places[2], _sample(self._rng, self._theme.relations, len(places[2])), strict=True))

    def _happenings(self, count: int) -> list[tuple[str, str]]:
        who, does = self._rng.choice(_EVENTS)
        pairs = [(f"the {one}", verb) for one, verb in itertools.product(who.split(), does.split())]
        return _sample(self._rng, pairs, count)

    def sentence(self, formula: Expr) -> str:
        """Return a whole sentence."""
        said = self.clause(formula)
        return said[0].upper() + said[1:] + "."

    def glossary(self) -> str:
        """Return what each name of the formulas stands for, one a line."""
        events = (f"{p}: {who} {verb}" for p, (who, verb) in self._events.items())
        qualities = (f"{p}(x): x is {quality}" for p, quality in self._qualities.items())
        relations = (f"{p}(x, y): x {verb} y" for p, (verb, _) in self._relations.items())
        names = (f"{thing}: {name}" for thing, name in self._names.items())
        return "\n".join((*events, *qualities, *relations, *names))

    # --- clauses --------------------------------------------------------------------------------------------------

    def clause(self, formula: Expr, nested: bool = False) -> str:
        """Say a formula as a clause; ``nested`` asks for one that keeps together inside another."""
        if is_literal(formula):
            subject, phrase = self.parts(formula)
            return f"{subject} {phrase}"
        assert isinstance(formula, App)
        if formula.head in ("forall", "exists"):
            return self.quantified(formula)
        said = [self.clause(part, nested=True) for part in _flat(formula)]
        match formula.head:
            case "not":
                return self.denial(formula.args[0])
            case "and":
                return " and ".join(said) if not nested or len(said) > 2 else "both " + " and ".join(said)
            case "or":
                return "either " + " or ".join(said) + (" (or both)" if len(said) == 2 else " (or several)")
            case _:
                return self.conditional(formula, nested)

    def denial(self, formula: Expr) -> str:
        """Say that a formula does not hold."""
        if isinstance(formula, App) and formula.head == "and" and all(map(is_literal, formula.args)):
            return "it is not the case that both " + " and ".join(map(self.clause, formula.args))
        if isinstance(formula, App) and formula.head == "or" and all(map(is_literal, formula.args)):
            return "it is neither the case that " + " nor that ".join(map(self.clause, formula.args))
        return f"it is not the case that {self.clause(formula, nested=True)}"

    def conditional(self, formula: App, nested: bool) -> str:
        """Say a rule."""
        condition = self.clause(formula.args[0], nested=_is_rule(formula.args[0]))
        result = self.clause(formula.args[1], nested=True)
        if nested:
            return f"the following rule holds: if {condition}, then {result}"
        start = self._rng.choice(("if {}, then {}", "whenever {}, {}", "provided that {}, it holds that {}"))
        return start.format(condition, result)

    def parts(self, literal: Expr) -> tuple[str, str]:
        """Return who or what a literal is about, and what it says of it."""
        denied = isinstance(literal, App) and literal.head == "not"
        atom = literal.args[0] if denied else literal  # type: ignore[union-attr]
        if isinstance(atom, Sym):
            subject, verb = self._events[atom.name]
            return subject, f"does not {_infinitive(verb)}" if denied else verb
        assert isinstance(atom, App)
        terms = [self._names.get(show(arg), show(arg)) for arg in atom.args]
        if len(terms) == 1:
            return terms[0], f"is {'not ' if denied else ''}{self._qualities[atom.head[1:]]}"
        verb, infinitive = self._relations[atom.head[1:]]
        return terms[0], f"{f'does not {infinitive}' if denied else verb} {terms[1]}"

    # --- quantifiers ----------------------------------------------------------------------------------------------

    def quantified(self, formula: App) -> str:
        """Say a formula about all or some things, with a letter where plain words have two readings."""
        variable, body = show(formula.args[0]), formula.args[1]
        said = self.some(variable, body) if formula.head == "exists" else self.all(variable, body)
        if said is not None:
            return said
        names = [variable]
        while formula.head == "forall" and isinstance(body, App) and body.head == "forall":
            names.append(show(body.args[0]))
            body = body.args[1]
        sort = self._theme.sort
        if formula.head == "exists":
            return f"there is at least one {sort} {variable} such that {self.clause(body)}"
        return f"for every {sort} " + f" and every {sort} ".join(names) + f", {self.clause(body, nested=True)}"

    def some(self, variable: str, body: Expr) -> str | None:
        """Say without a letter that something is so, where one can."""
        phrase = self.phrase(body, variable)
        if phrase is None:
            return None
        who = self._theme.someone
        return f"there is {who} {'who' if self._theme.sort == 'person' else 'that'} {phrase}"

    def all(self, variable: str, body: Expr) -> str | None:
        """Say a rule about all things without a letter, where that has one reading only."""
        theme, who = self._theme, "who" if self._theme.sort == "person" else "that"
        if is_literal(body):
            phrase = self.phrase(body, variable)
            plain = None if phrase is None or _denied(body) else phrase
            opposite = self.phrase(body.args[0], variable) if _denied(body) else None  # type: ignore[union-attr]
            return f"{theme.everyone} {plain}" if plain else f"{theme.nobody} {opposite}" if opposite else None
        if not isinstance(body, App) or body.head != "->":
            return None
        condition, result = (self.phrase(part, variable) for part in body.args)
        if condition is None or result is None:
            return None
        if is_literal(body.args[1]) and _denied(body.args[1]) and self._rng.random() < 0.5:
            opposite = self.phrase(body.args[1].args[0], variable)  # type: ignore[union-attr]
            return f"{theme.nobody} {who} {condition} {opposite}"
        if not is_literal(body.args[1]) or _denied(body.args[1]) or self._rng.random() < 0.4:
            return f"if {theme.someone} {condition}, then {theme.that_one} {result}"
        return f"{self._rng.choice((theme.everyone, f'every {theme.sort}'))} {who} {condition} {result}"

    def phrase(self, formula: Expr, variable: str) -> str | None:
        """Return what a formula says of ``variable``, as words behind a subject; None if it says more than that."""
        if is_literal(formula):
            subject, phrase = self.parts(formula)
            return phrase if subject == variable and f" {variable}" not in phrase else None
        if isinstance(formula, App) and formula.head in ("and", "or") and all(map(is_literal, formula.args)):
            parts = [self.phrase(part, variable) for part in formula.args]
            both = " (or both)" if formula.head == "or" else ""
            return None if None in parts else f" {formula.head} ".join(map(str, parts)) + both
        return None

    # --- steps ----------------------------------------------------------------------------------------------------

    def step(self, cites: Sequence[str], name: str, formula: Expr, proves: bool | None) -> str:
        """Say one step; ``proves`` tells that it ends in the hypothesis (True) or its opposite (False)."""
        cited = listed([spoken(cite) for cite in cites])
        if proves is not None:
            return f"From {cited} we get that {self.clause(formula)}, {_ENDS[proves]}."
        forms = _SAID if len(cites) > 1 else (*_SAID[:1], *_SAID[2:])
        form = self._rng.choice(forms)
        return form.format(cites=cited, Cites=cited[0].upper() + cited[1:], said=self.clause(formula), name=name)


def spoken(cite: str) -> str:
    """Say a citation: ``fact 3``, ``int1``, ``the hypothesis``."""
    if cite.startswith("fact"):
        return f"fact {cite[4:]}"
    return f"the {cite}" if cite == "hypothesis" else cite


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _flat(formula: App) -> list[Expr]:
    """Return the parts of a formula, those of a part with the same connective in its place."""
    if formula.head not in ("and", "or"):
        return list(formula.args)
    parts = (_flat(part) if isinstance(part, App) and part.head == formula.head else [part] for part in formula.args)
    return list(itertools.chain.from_iterable(parts))


def _is_rule(formula: Expr) -> bool:
    return isinstance(formula, App) and formula.head == "->"


def _denied(formula: Expr) -> bool:
    return isinstance(formula, App) and formula.head == "not"


def _infinitive(verb: str) -> str:
    return verb[:-2] if verb.endswith("shes") else verb[:-1]


def _sample(rng: random.Random, words: Sequence[_Word], count: int) -> list[_Word]:
    """Choose different words.

    Raises:
        ValueError: there are not enough of them.
    """
    if count > len(words):
        raise ValueError(f"{count} words are needed, the vocabulary has {len(words)}")
    return rng.sample(words, count)


def _arities(formulas: Iterable[Expr]) -> dict[str, int]:
    """Return each predicate with its number of terms; bare statements have none."""
    found: dict[str, int] = {}
    todo = list(formulas)
    while todo:
        formula = todo.pop()
        if isinstance(formula, Sym):
            found[formula.name] = 0
        elif isinstance(formula, App) and formula.head.startswith("@"):
            found[formula.head[1:]] = len(formula.args)
        elif isinstance(formula, App):
            todo.extend(formula.args[1:] if formula.head in ("forall", "exists") else formula.args)
    return found
