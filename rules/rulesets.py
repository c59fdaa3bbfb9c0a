"""A rule set: rules as staff write them, read and checked against what variables, operators and actions exist."""

from dataclasses import dataclass

from rules.catalogue import Catalogue
from rules.limits import Limits
from rules.reading import Document


@dataclass(frozen=True)
class RuleSet:
    """A file of rules. `version` is a hash of its content and of all that its rules look up."""

    id: str
    title: str
    version: str


def read_rule_set(document: Document, catalogue: Catalogue, limits: Limits, version: str) -> RuleSet:
    """The rule set in `document`. Raises ProgrammeError with every fault found."""
    return RuleSet(document.data["id"], document.data["title"], version)
