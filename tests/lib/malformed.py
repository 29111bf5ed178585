"""Expressions of which none is one: a seeded grammar makes sound ones, and each is spoiled in a way that
no reading of it can mend.

    for kind, text in malformed(seed=1, count=1000): ...
"""

import random

# What is wrong with these nobody would find by chance. Blank ones have nothing to point at.
BY_HAND = [
    "2+*3", "sqroot(2) + 1", "(", ")", "()", "1)", "(1", "((1)", "1 2", "1..2", "1.2.3", "1e", "1e+", "0x", "0b",
    "0b2", "0xg", "1__0", "1_", ".", "..", "+", "-", "*", "/", "^", "1+", "1-", "1*", "*1", "/1", "1**", "1//",
    "1^", "^1", "1 +* 2", "1 ^* 2", "!", "not", "not not", "~", "1 &&", "&& 1", "1 and", "or 1", "1 <", "< 1",
    "1 < 2 < 3", "1 == 2 == 3", "1 = 2", "= 1", "1 ==", "== 1", "1 ?", "1 ? 2", "1<2 ? 3", "1<2 ? 3 :", "? 1 : 2",
    "1 : 2", "1 ??", "?? 1", ",", "1,", "1,2", ",1", ";", "1;", ";1", "a = ; 1", "a = 1", "a = 1;", "f(x) = ; 1",
    "f(x = 1; 1", "f(1) = 2; 3", "f(x, x) = x; f(1, 2)", "sin", "sin(", "sin()", "sin(,)", "sin(1", "sin(1,)",
    "sin(,1)", "sin 1", "sin(1, 2)", "sin(1) 2", "2sin(1)", "2pi", "pi 2", "2(3)", "(2)(3)", "(1)2", "hypot(1)",
    "nope", "nope(1)", "x", "x + 1", "{", "}", "{}", "{x", "x}", "{x y}", "1 + {no such name}", "'", "\"", "'abc",
    "\"abc", "'abc\"", "'\\'", "'\\x'", "'\\u12'", "'a' 'b'", "'a' * 'b'", "'a' - 1", "-'a'", "sin('a')", "1 < 'a'",
    "not 1", "1 and 2", "true + 'a'", "$", "$x", "@", "@b1", "`1`", "\\", "1 \\ 2", "§", "€", "1 € 2", "²", "2²",
    "½", "1 − 2", "2 × 3", "6 ÷ 2", "π", "√2", "∞", "１+１", "1\u00a0+\u00a01a", "1 +\u200b 1", "\ufeff1 + )", "\u202e1+",
    "ä", "ä(1)", "1 in", "in 1", "sum", "sum()", "sum(k)", "sum(k, k)", "sum(k, k, 1)", "sum(k, k, 1,)",
    "sum(k, 2, 1, 3)", "sum(k, k, 1, 2, 3, 4)", "sum(j, k, 1, 2)", "integrate(x, x, 0)", "solve(x, x)", "if(1)",
    "if(1<2, 3)", "1 +\t* 2", "1e5e5", "1x", "0x1.8", "1 if 2", "let x = 1", "return 1", "#", "1 # ) ) (\x01",
    "(" * 3000 + "1", "1" + ")" * 3000, "-" * 100000, "(" * 50000, "+".join(["1"] * 5) + "+", "f(" * 2000,
]

OPERATORS = ["+", "-", "*", "/", "^", "%"]
FUNCTIONS = [("sin", 1), ("sqrt", 1), ("exp", 1), ("abs", 1), ("hypot", 2), ("atan2", 2), ("floor", 1)]


class Grammar:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self):
        return self.random.choice(["0", "1", "2.5", ".5", "1e3", "1_000", "0x1F", "0b11", "3e-2", "pi", "e"])

    def sound(self, depth=3):
        """An expression that parses: a number, or made of smaller ones."""
        kind = self.random.randrange(6) if depth else 0
        if kind < 2:
            return self.number()
        if kind == 2:
            return f"({self.sound(depth - 1)})"
        if kind == 3:
            name, count = self.random.choice(FUNCTIONS)
            return f"{name}({', '.join(self.sound(depth - 1) for _ in range(count))})"
        if kind == 4:
            return f"({self.sound(depth - 1)} < {self.sound(depth - 1)} ? {self.sound(depth - 1)} : {self.number()})"
        return f"{self.sound(depth - 1)} {self.random.choice(OPERATORS)} {self.sound(depth - 1)}"

    def spoilt(self):
        """What is wrong, and the text. Each has a sound one at its place, so that any depth is reached."""
        one, other = self.sound(), self.sound()
        operator = self.random.choice(["*", "/", "^", "%", "<", "and", "??"])
        ways = {
            "an operator too many": f"{one} {self.random.choice(OPERATORS)} {operator} {other}",
            "an operator at the end": f"{one} {self.random.choice(OPERATORS)}",
            "an operator at the beginning": f"{operator} {one}",
            "no operator": f"({one}) ({other})",
            "an open parenthesis": f"({one} + {other}",
            "a closed parenthesis": f"{one} + {other})",
            "nothing in parentheses": f"{one} + ()",
            "a comma too many": f"hypot({one}, {other},)",
            "no comma": f"hypot(({one}) ({other}))",
            "an argument too many": f"sin({one}, {other})",
            "an argument too few": f"hypot({one})",
            "no such function": f"{one} + nosuch({other})",
            "no such name": f"{one} + nosuch * {other}",
            "a number that is none": f"{one} + {self.random.choice(['1.2.3', '1e', '0x', '0b2', '1__0', '2pi'])}",
            "an open string": f"{one} + 'abc + {other}",
            "an open name": f"{one} + {{abc + {other}",
            "a sign of no meaning": f"{one} {self.random.choice('$@`§€²√')} {other}",
            "a chain of comparisons": f"({one}) < ({other}) < 3",
            "half a choice": f"({one}) < ({other}) ? 1",
            "a definition without a value": f"a = {one}; b = ; a",
            "a string that is no number": f"({one}) * 'abc'",
        }
        kind = self.random.choice(sorted(ways))
        return kind, ways[kind]


def malformed(seed, count):
    """Pairs of what is wrong and a text, of which `count` are by chance, after those by hand."""
    grammar = Grammar(seed)
    return [("by hand", text) for text in BY_HAND] + [grammar.spoilt() for _ in range(count)]
