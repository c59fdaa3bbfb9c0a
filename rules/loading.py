"""Loads the programme: every YAML file that staff edit, checked as a whole, so that nothing half-right is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from rules.cadence import Cadence
from rules.catalogue import Catalogue
from rules.faults import Fault, ProgrammeError
from rules.limits import Limits
from rules.reading import Document, digest, read_text, text_of
from rules.reasons import Reasons
from rules.rulefile import Surroundings, read_rule_set
from rules.rulesets import RuleSet

__all__ = ["Programme", "ProgrammeError", "load_programme", "load_programme_from"]

SHIPPED = Path(__file__).parent / "programme"
_PARTS = ("catalogue.yaml", "limits.yaml", "reasons.yaml", "reminders.yaml")
RULE_SETS = ("submission", "review", "incentive", "dispute", "notice")
"""The rule sets that claimbot asks for at certain moments; every other is only for those who ask for it."""
_REQUIRED = (*_PARTS, *(f"{name}.yaml" for name in RULE_SETS))


@dataclass(frozen=True)
class Programme:
    """Everything that staff decide. `version` is a hash of the content of all files; `rule_sets` go by their id.

    `files` is what it was read from: the text of each file by its name.
    """

    version: str
    catalogue: Catalogue
    limits: Limits
    reasons: Reasons
    cadence: Cadence
    rule_sets: Mapping[str, RuleSet]
    files: Mapping[str, str]


def load_programme(directory: Path | None = None) -> Programme:
    """The programme in `directory`; None takes the one shipped with claimbot.

    catalogue.yaml, limits.yaml, reasons.yaml and reminders.yaml must be there, and a file for each of `RULE_SETS`;
    every other .yaml file is one more rule set.
    Raises ProgrammeError with every fault of every file.
    """
    folder = SHIPPED if directory is None else directory
    if not folder.is_dir():
        raise ProgrammeError([Fault(str(folder), 0, "There is no such folder.")])
    faults: list[Fault] = []
    files: dict[str, str] = {}
    for path in folder.glob("*.yml"):
        faults.append(Fault(path.name, 0, "The name of a file must end in .yaml, or it is not read."))
    for name in sorted({*_REQUIRED, *(path.name for path in folder.glob("*.yaml"))}):
        try:
            files[name] = text_of(folder / name)
        except ProgrammeError as error:
            faults += error.faults
    return _programme(files, faults)


def load_programme_from(files: Mapping[str, str]) -> Programme:
    """The programme that these files make, given as their texts by name. Raises as `load_programme` does."""
    missing = [Fault(name, 0, "The file is missing.") for name in _REQUIRED if name not in files]
    return _programme({name: files[name] for name in sorted(files)}, missing)


def _programme(files: Mapping[str, str], faults: list[Fault]) -> Programme:
    documents: dict[str, Document] = {}
    for name, text in files.items():
        try:
            documents[name] = read_text(name, text)
        except ProgrammeError as error:
            faults += error.faults
    catalogue, limits, reasons, cadence = (
        _part(documents.get("catalogue.yaml"), Catalogue, faults),
        _part(documents.get("limits.yaml"), Limits, faults),
        _part(documents.get("reasons.yaml"), Reasons, faults),
        _part(documents.get("reminders.yaml"), Cadence, faults),
    )
    if catalogue is None or limits is None or reasons is None or cadence is None:
        raise ProgrammeError(faults)  # rule sets refer to these: judging them now would only add noise

    # A decision rests on the rule set and on what its rules look up, so all of that makes its version.
    looked_up = (documents["catalogue.yaml"], documents["limits.yaml"])
    around = Surroundings(catalogue, limits, reasons)
    rule_sets: dict[str, RuleSet] = {}
    for name, document in documents.items():
        if name in _PARTS:
            continue
        try:
            rule_set = read_rule_set(document, around, digest(document, *looked_up))
            rule_sets[rule_set.id] = rule_set
        except ProgrammeError as error:
            faults += error.faults
    if faults:
        raise ProgrammeError(faults)
    version = digest(*documents.values())
    return Programme(
        version, catalogue, limits, reasons, cadence, MappingProxyType(rule_sets), MappingProxyType(dict(files))
    )


PartT = TypeVar("PartT", Catalogue, Limits, Reasons, Cadence)


def _part(document: Document | None, model: type[PartT], faults: list[Fault]) -> PartT | None:
    """One of the four fixed files; None when it has faults, which are then added to `faults`."""
    if document is None:
        return None
    try:
        part = document.parse(model)
    except ProgrammeError as error:
        faults += error.faults
        return None
    found = list(part.faults(document))
    faults += found
    return None if found else part
