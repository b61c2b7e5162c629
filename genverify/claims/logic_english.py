"""Sentences of closed English templates to formulas: facts, rules, and what joins them.

"Every cat is a mammal", "Kind, young people are nice", "If something is big and it likes the dog then it is red",
"Anne is not green", "Either there is a red ball in the box or there is a blue ball in the box, but not both". A
sentence is read whole or not at all.
"""

import re
from dataclasses import dataclass
from typing import Final

from genverify.claims.fol import clean_name
from genverify.claims.grammar import App, Expr, Sym
from genverify.errors import GrammarError

_WORD: Final = r"[a-z][a-z-]*"
_SMALL: Final = frozenset(
    "a an the and or not no is are was were be been it they he she we you i this that these those there which who what "
    "if then so but by of to in on at as for with all each every some any only both either neither more most less "
    "least many few one two three than also very too just always never sometimes can could may might must should would "
    "will shall do does did has have had true false unknown uncertain here now such same other another because since "
    "however therefore thus hence premise premises statement statements fact facts rule rules conclusion".split()
)
"""Words that are no kind, quality or verb of a template; a sentence that uses one so says something else."""
_ANYTHING: Final = frozenset({"something", "someone", "somebody", "anything", "anyone"})
_ALL_KINDS: Final = frozenset({"thing", "things", "people"})
"""Nouns that stand for whatever there is."""
_VERBS: Final = frozenset(
    "admire chase eat fear follow hate hear help know like love need own see trust visit want respect".split()
)
"""Verbs between two things; each makes its form with "s" by adding it."""
_PLURALS: Final = {
    "men": "man", "women": "woman", "children": "child", "mice": "mouse", "geese": "goose", "wolves": "wolf",
    "persons": "person", "sheep": "sheep", "fish": "fish", "teeth": "tooth", "feet": "foot", "knives": "knife",
}  # fmt: skip
_X: Final = Sym("x")
_NAMES: Final = (
    re.compile(rf"(?P<name>[A-Z][a-z]+)(?= |$)|[Tt]he (?P<thing>{_WORD})(?= |$)"),
    re.compile(rf"(?P<name>(?!))|[Tt]he (?P<thing>{_WORD} {_WORD})(?= |$)"),  # the bald eagle
)
_LOCATED: Final = re.compile(
    rf"there is (?P<none>not an? |no |an? )(?P<what>{_WORD}(?: {_WORD}){{0,2}}) (?P<where>(?:in|on|under) the {_WORD})"
)


@dataclass(frozen=True)
class English:
    """The words that a problem and its solution use for one of a kind, which tell what a plural is the plural of."""

    singulars: frozenset[str]

    @classmethod
    def of(cls, texts: tuple[str, ...]) -> "English":
        """Collect the words after "a", "each" and the like."""
        found = re.findall(rf"\b(?:an?|each|every)\s+({_WORD})", "\n".join(texts).lower())
        return cls(frozenset(found) - _SMALL)

    def read(self, text: str) -> Expr | None:
        """Return what a sentence (without its full stop) says; None if it is not in the templates for certain."""
        text = " ".join(text.replace("’", "'").split())
        try:
            return self.sentence(text)
        except GrammarError:
            return None

    def sentence(self, text: str) -> Expr | None:
        """Read a whole sentence, its joining words first."""
        lower = _lowered(text)
        either = re.fullmatch(r"either (.+?),? or (?:else )?(.+?),? but not both", lower)
        if either is not None:
            return _joined("xor", self.plain(either[1]), self.plain(either[2]))
        same = re.fullmatch(r"(.+?) if and only if (.+)", lower)
        if same is not None:
            return _joined("<->", self.plain(same[1]), self.plain(same[2]))
        rule = re.fullmatch(r"if (.+?)(?:,? then |, )(.+)", lower)
        if rule is not None:
            return self.rule(rule[1], rule[2])
        return self.plain(lower) or self.general(lower)

    def plain(self, text: str) -> Expr | None:
        """Read a clause about named things, or about what is in a place."""
        located = _LOCATED.fullmatch(text)
        if located is not None:
            words = f"{located['what']} {located['where'].replace(' the ', ' ')}"
            atom = Sym(clean_name(words.replace(" ", "_").replace("-", "_")))
            return atom if located["none"] in ("a ", "an ") else App("not", (atom,))
        for pattern in _NAMES:
            subject = pattern.match(text)
            if subject is None or text.startswith(" are ", subject.end()):
                continue  # "the cats are green" is about some cats, not about one thing of that name
            said = self.verb(text[subject.end() + 1 :], _thing(subject))
            if said is not None:
                return said
        return None

    def verb(self, text: str, subject: Expr) -> Expr | None:
        """Read what is said of a subject."""
        match = re.fullmatch(rf"(?:is|are) (?P<not>not )?(?P<article>an? )?(?P<word>{_WORD})", text)
        if match is not None:
            return _negated(match["not"], self.is_a(match["word"], subject))
        both = re.fullmatch(rf"(?:is|are) (?P<one>{_WORD}) and (?P<other>{_WORD})", text)
        if both is not None:
            return _joined("and", self.is_a(both["one"], subject), self.is_a(both["other"], subject))
        acts = re.fullmatch(rf"(?P<not>(?:does|do) not )?(?P<verb>{_WORD}) (?P<object>[Tt]he .+|[A-Z][a-z]+)", text)
        if acts is None:
            return None
        base = acts["verb"] if acts["verb"] in _VERBS else acts["verb"].removesuffix("s")
        target = next((m for pattern in _NAMES if (m := pattern.fullmatch(acts["object"])) is not None), None)
        if base not in _VERBS or target is None:
            return None
        return _negated(acts["not"], App(f"@{clean_name(base)}", (subject, _thing(target))))

    def is_a(self, word: str, subject: Expr) -> Expr | None:
        """Return the formula that says that a subject is of a kind or has a quality."""
        if word in _SMALL or word in _ANYTHING:
            return None
        return App("@" + clean_name(self.kind(word)), (subject,))

    def kind(self, word: str) -> str:
        """Return the form of a noun that names its kind: the singular, where the texts use it.

        Raises:
            GrammarError: the word may be the plural of two words.
        """
        if word in self.singulars or word in _PLURALS:
            return _PLURALS.get(word, word)
        shorter = {word.removesuffix("s"), word.removesuffix("es")}
        if word.endswith("ies"):
            shorter.add(word[:-3] + "y")
        if word.endswith("ves"):
            shorter |= {word[:-3] + "f", word[:-3] + "fe"}
        known = sorted((shorter - {word}) & self.singulars)
        if len(known) > 1:
            raise GrammarError(f"{word} may be the plural of {known[0]} and of {known[1]}")
        return known[0] if known else word

    def rule(self, condition: str, result: str) -> Expr | None:
        """Read "if ... then ...", about anything or about named things."""
        general = re.match(rf"(?:{'|'.join(_ANYTHING)}) ", condition) is not None
        parts: list[Expr | None] = []
        subject: Expr | None = None
        for clause in condition.split(" and "):
            part, subject = self.condition(clause, general, subject)
            parts.append(part)
        then = self.verb(result.partition(" ")[2], _X) if general and _pronoun(result) else self.plain(result)
        if then is None or any(part is None for part in parts):
            return None
        known = [part for part in parts if part is not None]
        body = App("->", (known[0] if len(known) == 1 else App("and", tuple(known)), then))
        return App("forall", (_X, body)) if general else body

    def condition(self, clause: str, general: bool, subject: Expr | None) -> tuple[Expr | None, Expr | None]:
        """Read one clause of a condition and return it with its subject, which may be that of the clause before."""
        if general and _pronoun(clause):
            return self.verb(clause.partition(" ")[2], _X), _X
        whole = self.plain(clause)
        if whole is not None:
            return whole, whole.args[0] if isinstance(whole, App) and whole.head.startswith("@") else None
        if subject is None:
            return None, None
        return self.verb(clause, subject) or self.verb(f"is {clause}", subject), subject  # "is big and not round"

    def general(self, text: str) -> Expr | None:
        """Read a sentence about all, no or some things of a kind."""
        match = re.fullmatch(rf"(?:every|each|any) (?P<kind>{_WORD}) (?P<rest>(?:is|does not|{_WORD}s) .+)", text)
        if match is not None:
            return self.about_all(self.is_a(match["kind"], _X), match["rest"])
        match = re.fullmatch(rf"no (?P<kind>{_WORD}) (?P<rest>(?:is|are) (?!not ).+)", text)
        if match is not None:
            said = self.verb(match["rest"], _X)
            return None if said is None else self.about_all(self.is_a(match["kind"], _X), said=App("not", (said,)))
        match = re.fullmatch(rf"some (?P<kind>{_WORD}) (?P<rest>are .+)", text)
        if match is not None:
            both = _joined("and", self.is_a(match["kind"], _X), self.verb(match["rest"], _X))
            return None if both is None else App("exists", (_X, both))
        return self.plural(text)

    def plural(self, text: str) -> Expr | None:
        """Read "all cats are ...", "cats are ...", "all kind, young people are ..."."""
        match = re.fullmatch(
            rf"(?P<all>all )?(?P<qualities>{_WORD}(?:, {_WORD})* )?(?P<kind>{_WORD}) (?P<rest>are .+)", text
        )
        if match is None or (match["all"] and " not " in match["rest"]):
            return None  # "all cats are not grey" may mean that some are
        qualities = re.split(r",? ", match["qualities"].strip()) if match["qualities"] else []
        kind = match["kind"]
        if kind in _ALL_KINDS and not qualities:
            return None
        if kind not in _ALL_KINDS and (qualities or not (kind.endswith("s") or kind in _PLURALS)):
            return None
        parts = [self.is_a(word, _X) for word in (qualities if kind in _ALL_KINDS else [kind])]
        if any(part is None for part in parts):
            return None
        known = tuple(part for part in parts if part is not None)
        return self.about_all(known[0] if len(known) == 1 else App("and", known), match["rest"])

    def about_all(self, kind: Expr | None, rest: str = "", said: Expr | None = None) -> Expr | None:
        """Return the formula that something is said of all of a kind."""
        said = said or self.verb(rest, _X)
        return None if kind is None or said is None else App("forall", (_X, App("->", (kind, said))))


def _lowered(text: str) -> str:
    """Write the first word small, unless it is a name."""
    first = text.partition(" ")[0]
    common = first.lower() in _SMALL | _ANYTHING or re.match(r"(?:[\w-]+,? ){0,4}[\w-]+ are\b", text)
    return text[:1].lower() + text[1:] if common else text


def _pronoun(clause: str) -> bool:
    return clause.partition(" ")[0] in _ANYTHING | {"it", "they"}


def _thing(match: "re.Match[str]") -> Sym:
    words = match["name"] or match["thing"]
    if set(words.split()) & _SMALL:
        raise GrammarError(f"{words!r} names no thing")
    return Sym(clean_name(words.replace(" ", "_").replace("-", "_")))


def _negated(mark: str | None, expr: Expr | None) -> Expr | None:
    return App("not", (expr,)) if mark and expr is not None else expr


def _joined(head: str, left: Expr | None, right: Expr | None) -> Expr | None:
    return None if left is None or right is None else App(head, (left, right))
