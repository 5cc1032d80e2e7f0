"""A case of the set-up tests: a healthy domain with one thing changed, and what is to be found of it.

    Case("R17", "redirect", "E http.redirect", web={"": "redirect https://www.{d}/"})

What is found is a list "SEVERITY CODE[ SUBJECT]", with E error, W warning, U unknown, I info, and W! or U!
for what enforce has to wait for besides errors. Nothing else may be found. Of the steps' states, the
verdict and the exit code the rule says what they are to be (steps_of, word_of, exit_of); STATES and WORD
are for what goes by no rule.

SPDX-License-Identifier: MIT
"""
import dataclasses

from world.domain import Domain

STEPS = ("reporting", "record", "policy-host", "policy", "mx", "servers", "dane")
HEALTHY = {**dict.fromkeys(STEPS, "good"), "dane": "absent"}
STEP_OF = (("dns.rpt.", "reporting"), ("rpt.", "reporting"), ("host.", "policy-host"), ("tls.policy.", "policy-host"),
           ("http.", "policy-host"), ("pol.", "policy"), ("mx.", "servers"), ("dane.", "dane"), ("dns.sts.", "record"), ("dns.", "record"),
           ("x.id-", "record"), ("x.txt-", "record"), ("x.refetch-", "record"), ("x.delegation-", "record"), ("x.", "mx"))
SEVERITIES = {"E": "error", "W": "warning", "U": "unknown", "I": "info"}
RANK = {"faulty": 3, "warned": 2, "unknown": 1, "good": 0}


@dataclasses.dataclass(frozen=True)
class Found:
    """One finding that is to be there."""
    severity: str
    code: str
    subject: str  # "": whatever
    blocks: bool

    @property
    def step(self):
        return next(step for prefix, step in STEP_OF if self.code.startswith(prefix))


class Case:
    """One domain."""

    def __init__(self, marks, slug, finds="", *, name=None, states=None, word=None, options=None, letter=None, hosts=None, **changes):
        self.marks = tuple(marks.split())
        self.slug = slug
        self.name = name or f"{self.marks[0].lower()}-{slug}.example"
        self.domain = Domain(self.name, hosts=hosts or {}, **changes)
        self.finds = [self.found(text) for text in finds.split(", ") if text]
        self.states = states or {}
        self.word = word
        self.options = options  # settings: {section: {key: value}}
        self.letter = letter  # words that the letter of some finding has to hold

    def found(self, text):
        head, code, *subject = text.split()
        return Found(SEVERITIES[head[0]], code, " ".join(subject).replace("{d}", self.name), head in ("E", "W!", "U!"))

    @property
    def steps_of(self):
        """Each step is as bad as the worst that is found of it."""
        states = dict(HEALTHY)
        for found in self.finds:
            state = {"error": "faulty", "warning": "warned", "unknown": "unknown", "info": "good"}[found.severity]
            if RANK[state] > RANK.get(states[found.step], 0):
                states[found.step] = state
        return {**states, **self.states}

    @property
    def word_of(self):
        if self.word:
            return self.word
        if any(found.blocks for found in self.finds):
            return "not-yet"
        return "ready-limited" if any(found.severity != "info" for found in self.finds) else "ready"

    @property
    def exit_of(self):
        return {"ready": 0, "ready-limited": 1, "not-yet": 2}[self.word_of]

    def __repr__(self):
        return f"{self.marks[0]}-{self.slug}"


def lean(marks, slug, finds="", *, hosts=None, **more):
    """A case that is not about mail servers: one address less, since IPv4 has few for tests."""
    return Case(marks, slug, finds, hosts={"mx2": "6", **(hosts or {})}, **more)
