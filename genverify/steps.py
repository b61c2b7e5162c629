"""A solution's text to its steps, and to its final answer."""

import re
from typing import Final

_STEP_MARK: Final = re.compile(
    r"(?:\#{1,6}[ \t]*)?(?:\*\*|__)?[ \t]*(?:step[ \t]+\d+\b|\d{1,3}[.)](?=[ \t*]))", re.IGNORECASE
)
_ENVIRONMENT: Final = re.compile(r"\\(begin|end)\{([A-Za-z]+\*?)\}")
_FENCE: Final = re.compile(r"[ \t]*(```|~~~)")
_TABLE_ROW: Final = re.compile(r"[ \t]*\|.*\|[ \t]*\r?\n?$")
_SENTENCE_LINE: Final = re.compile(r"[.!?:)\]$*]+[ \t]*\r?\n?$")
_MIN_LINES: Final = 3
"""Fewer one-sentence lines than this are a wrapped paragraph as likely as a list of steps."""


def split(text: str) -> tuple[str, ...]:
    """Cut ``text`` into steps; their plain concatenation is ``text`` again.

    A new step begins at a line that says "Step 3:", or, if no line does, after each blank line; a text without blank
    lines is cut at numbered lines, or at every line when each is a sentence of its own. A list that a person numbered
    inside one paragraph of several stays together. No cut falls inside a LaTeX environment or display, a code fence or
    a Markdown table. White space between steps stays at the end of the step before.

    Returns:
        The steps; empty for a text of white space only.
    """
    lines = text.splitlines(keepends=True)
    inside = _protected(lines)
    starts = _starts(lines, inside)
    pieces = ["".join(lines[a:b]) for a, b in zip([0, *starts], [*starts, len(lines)], strict=True)]
    return _joined(pieces)


def _joined(pieces: list[str]) -> tuple[str, ...]:
    """Give pieces of white space to their neighbours, so that every step says something."""
    out: list[str] = []
    lead = ""
    for piece in pieces:
        if piece.strip():
            out.append(lead + piece)
            lead = ""
        elif out:
            out[-1] += piece
        else:
            lead += piece
    return tuple(out)


def _starts(lines: list[str], inside: list[bool]) -> list[int]:
    """Return the numbers (from 0) of the lines that begin a step, without the first."""
    open_lines = [i for i in range(1, len(lines)) if not inside[i]]
    marked = [i for i, line in enumerate(lines) if not inside[i] and re.match(r"(?:[#*_ \t]*)step[ \t]+\d", line, re.I)]
    if len(marked) >= 2:
        return [i for i in marked if i > 0]
    blank = [i for i in open_lines if lines[i].strip() and not lines[i - 1].strip()]
    if blank:
        return blank
    numbered = [i for i, line in enumerate(lines) if not inside[i] and _STEP_MARK.match(line)]
    if len(numbered) >= 2:
        return [i for i in numbered if i > 0]
    said = [i for i, line in enumerate(lines) if line.strip()]
    if len(said) >= _MIN_LINES and all(inside[i] or _SENTENCE_LINE.search(lines[i]) for i in said):
        return [i for i in open_lines if lines[i].strip()]
    return []


def _protected(lines: list[str]) -> list[bool]:
    """Return for each line whether a cut before it would fall inside something that belongs together."""
    flags: list[bool] = []
    fence, display, depth, table = "", False, 0, False
    for line in lines:
        is_row = _TABLE_ROW.match(line) is not None
        flags.append(bool(fence) or display or depth > 0 or (table and is_row))
        table = is_row
        mark = _FENCE.match(line)
        if mark is not None and (not fence or mark.group(1) == fence):
            fence = "" if fence else mark.group(1)
        if fence:
            continue
        depth = max(0, depth + sum(1 if kind == "begin" else -1 for kind, _ in _ENVIRONMENT.findall(line)))
        display = _display_after(line, display)
    # an opening that never closes protects nothing: the text is torn, not one formula
    if fence or display or depth:
        last_closed = _last_closed(flags)
        flags[last_closed:] = [False] * (len(flags) - last_closed)
    return flags


def _last_closed(flags: list[bool]) -> int:
    """Return the line after the last unprotected one, where the unclosed protection began."""
    for i in range(len(flags) - 1, -1, -1):
        if not flags[i]:
            return i + 1
    return 0


def _display_after(line: str, display: bool) -> bool:
    r"""Return whether a display opened by ``\[`` or ``$$`` is open at the end of ``line``."""
    for token in re.findall(r"\\\[|\\\]|\$\$", line):
        display = not display if token == "$$" else token == "\\["
    return display


_ANSWER_WORDS: Final = re.compile(
    r"(?:\bthe\s+(?:final\s+)?answer\s*(?:is|:|=)|\b(?:final\s+)?answer\s*[:=])\s*:?\s*(?P<answer>[^\n]+)",
    re.IGNORECASE,
)
_MAX_ANSWER: Final = 400  # longer than any short answer; a longer match is a paragraph


def final_answer(text: str) -> str | None:
    r"""Return the final answer as written: the last ``\boxed{...}``, else after ``####``, else after "the answer is".

    Braces inside ``\boxed`` may nest; a sentence's closing period does not belong to the answer.
    """
    boxed = _last_boxed(text)
    if boxed is not None:
        return boxed
    hashes = text.rfind("####")
    if hashes >= 0:
        answer = text[hashes + 4 :].strip().split("\n", 1)[0].strip()
        return answer[:_MAX_ANSWER] or None
    matches = list(_ANSWER_WORDS.finditer(text))
    if not matches:
        return None
    return _cleaned(matches[-1].group("answer")) or None


def _cleaned(answer: str) -> str:
    sentence = re.split(r"(?<=[^\d.])\.(?=\s|$)|\.(?=\s+[A-Z]|\s*$)", answer.strip(), maxsplit=1)[0]
    return sentence.strip().strip("*").strip()[:_MAX_ANSWER]


def _last_boxed(text: str) -> str | None:
    """Return the content of the last box that closes, braces nested as they come."""
    place = len(text)
    while (place := max(text.rfind("\\boxed", 0, place), text.rfind("\\fbox", 0, place))) >= 0:
        brace = text.find("{", place, place + 10)
        if brace >= 0:
            content = _braced(text, brace)
            if content is not None:
                return content.strip()
    return None


def _braced(text: str, at: int) -> str | None:
    depth = 0
    for place in range(at, min(len(text), at + 4000)):  # no answer is longer, and unclosed braces must not cost n^2
        char = text[place]
        if char == "{" and text[place - 1] != "\\":
            depth += 1
        elif char == "}" and text[place - 1] != "\\":
            depth -= 1
            if depth == 0:
                return text[at + 1 : place]
    return None
