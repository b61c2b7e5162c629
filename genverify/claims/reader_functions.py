"""Functions and their arguments: roots, logarithms, angles, sums, limits, integrals, derivatives."""

import re
from typing import Final

from genverify.claims.brackets import matching
from genverify.claims.reader import BaseReader
from genverify.claims.tokens import Kind, Token

_TRIG: Final = frozenset("sin cos tan sec csc cot".split())
_INVERSE: Final = {"arcsin": "asin", "arccos": "acos", "arctan": "atan"}


class FunctionReader(BaseReader):
    """Reads what a function is applied to."""

    def function(self, token: Token) -> bool:
        """Read the function at hand and its argument."""
        if ":" in token.text or token.text == "int":
            return self.operator_function(token)
        if token.text in (
            "sqrt",
            "root",
            "binom",
            "matrix",
            "row",
            "det",
            "gcd",
            "lcm",
            "max",
            "min",
            "abs",
            "floor",
            "ceil",
            "exp",
        ):
            return self.plain_function(token)
        return self.elementary(token)

    def operator_function(self, token: Token) -> bool:
        """Read a sum, product, limit, integral or derivative: bounds as groups, then what it works on."""
        head, _, variable = token.text.partition(":")
        self.at += 1
        bounds: list[str] = []
        for _ in range({"sum": 2, "prod": 2, "limit": 1, "int": 2 if token.text == "int:" else 0}.get(head, 0)):
            close = matching(self.tokens, self.at) if self.at < len(self.tokens) else -1
            inner = self.sub(self.tokens[self.at + 1 : close]) if close > 0 else None
            if inner is None:
                return False
            bounds.append(inner)
            self.at = close + 1
        body, end, variable = self.integrand() if head == "int" else (*self.body(), variable)
        if body is None or not variable or re.search(rf"_{variable}\b", body):
            return False  # a_i changes with i
        return self.operand(f"{head}({', '.join([body, variable, *bounds])})", token, end, juxtaposed=True)

    def integrand(self) -> tuple[str | None, int, str]:
        """Read up to ``dx``: the integrand, its end and the variable."""
        for place in range(self.at, len(self.tokens) - 1):
            mark, name = self.tokens[place], self.tokens[place + 1]
            if mark.kind is Kind.NAME and mark.text == "d" and name.kind is Kind.NAME and not name.space:
                inner = self.sub(self.tokens[self.at : place])
                self.at = place + 2
                return inner, name.end, name.text
        return None, 0, ""

    def body(self) -> tuple[str | None, int]:
        """Read the product that a sum, limit or derivative works on; None if a sum follows it without parentheses."""
        stop = self.at
        depth = 0
        while stop < len(self.tokens):
            token = self.tokens[stop]
            depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
            if depth == 0 and stop > self.at and token.kind is Kind.OP and token.text in ("+", "-"):
                return None, 0  # does the limit of a + b end at the a?
            stop += 1
        part = self.tokens[self.at : stop]
        if part and part[0].kind is Kind.OPEN and part[0].text == "[" and matching(part, 0) == len(part) - 1:
            part = part[1:-1]
        inner = self.sub(part)
        self.at = stop
        return inner, (part[-1].end if part else 0)

    def plain_function(self, token: Token) -> bool:
        """Read a function whose arguments stand in parentheses (or √ and one number)."""
        opening = self.peek(1)
        if opening is not None and opening.kind is Kind.NUM and token.text == "sqrt":
            self.at += 2
            return self.operand(f"sqrt({opening.text})", token, opening.end, juxtaposed=True)
        if token.text == "det" and opening is not None and opening.text == "matrix":
            close = matching(self.tokens, self.at + 2)
            inner = self.sub(self.tokens[self.at + 1 : close + 1]) if close > 0 else None
        elif opening is not None and opening.kind is Kind.OPEN:
            close = matching(self.tokens, self.at + 1)
            inner = self.arguments(self.tokens[self.at + 2 : close]) if close > 0 else None
        else:
            return False
        if inner is None:
            return False
        self.at = close + 1
        if token.end - token.start == 1 and (raised := self.peek()) is not None and raised.text == "^":
            return False  # √(a)^2: does the root end at the parenthesis?
        if token.text == "row":
            return self.operand(f"({inner})", token, self.tokens[close].end)
        text = f"{token.text}({inner})"
        return self.operand(text, token, self.tokens[close].end, juxtaposed=True)

    def elementary(self, token: Token) -> bool:
        r"""Read ``\sin^2 30^\circ``, ``\log_2 8``, ``\ln(x)``: the argument may come without parentheses."""
        self.at += 1
        power = self.function_power()
        if power is None:
            return False
        name, base = _INVERSE.get(token.text, token.text), ""
        if name == "log":
            base_or_none = self.log_base()
            if base_or_none is None:
                return False  # log without a base is 10 to some and e to others
            base = f", {base_or_none}"
        if power == "-1":
            name, power = ("a" + name, "") if name in ("sin", "cos", "tan") else ("", "")
        argument = self.function_argument(name)
        if argument is None or not name:
            return False
        text, end = argument
        raised = self.peek()
        bare = self.tokens[self.at - 1].kind is not Kind.CLOSE
        if raised is not None and raised.text == "^" and (bare or name not in _TRIG):
            return False  # sin x^2 is the sine of a square, ln(x)^2 may be either
        written = f"{name}({text}{base})"
        return self.operand(f"({written})^{power}" if power else written, token, end, juxtaposed=True)

    def function_power(self) -> str | None:
        """Read the exponent between a function's name and its argument; empty without one, None if unreadable."""
        caret = self.peek()
        if caret is None or caret.text != "^" or caret.kind is not Kind.OP:
            return ""
        opening = self.peek(1)
        if opening is not None and opening.kind is Kind.NUM:
            self.at += 2
            return opening.text
        if opening is None or opening.kind is not Kind.OPEN:
            return None
        close = matching(self.tokens, self.at + 1)
        inner = self.tokens[self.at + 2 : close]
        self.at = close + 1
        text = "".join(t.text for t in inner)
        return text if re.fullmatch(r"-1|\d{1,2}", text) else None

    def log_base(self) -> str | None:
        """Read the base of a logarithm; None without one."""
        mark, base = self.peek(), self.peek(1)
        if mark is None or base is None or mark.text != "_":
            return None
        self.at += 2
        return base.text

    def function_argument(self, name: str) -> tuple[str, int] | None:
        """Read what an elementary function is applied to: a parenthesis, or a number or name with its degree sign."""
        token = self.peek()
        if token is None:
            return None
        if token.kind is Kind.OPEN:
            close = matching(self.tokens, self.at)
            text = type(self)(self.tokens[self.at + 1 : close], trig=name in _TRIG).expression() if close > 0 else None
            if text is None or (name in _TRIG and _bare_angle(text)):
                return None
            self.at = close + 1
            raised = self.peek()
            if raised is not None and raised.kind is Kind.DEGREE:
                return None  # cos (90° - 8)°
            return text, self.tokens[close].end
        if token.kind not in (Kind.NUM, Kind.NAME):
            return None
        self.at += 1
        text, end = token.text, token.end
        following = self.peek()
        if following is not None and following.kind is Kind.DEGREE:
            self.at += 1
            return f"deg({text})", following.end
        if token.kind is Kind.NUM and following is not None and following.kind is Kind.NAME and following.math:
            self.at += 1
            text, end = f"{text} * {following.text}", following.end
            following = self.peek()
        if name in _TRIG and _bare_angle(text):
            return None
        if (
            following is not None
            and following.kind in (Kind.NAME, Kind.OPEN)
            and not (following.kind is Kind.OPEN and following.text != "(")
        ):
            return None  # sin 2x, sin x(…): where does the argument end?
        return text, end


def _bare_angle(text: str) -> bool:
    """Whether ``text`` is a number without pi or a degree sign: sin(30) may mean degrees."""
    return re.search(r"[A-Za-z]", text) is None and re.fullmatch(r"[()\s]*0[()\s]*", text) is None
