"""Every limit of the programme, as staff keep them in limits.yaml. A limit is a number that knows its source."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from rules.catalogue import Name, Sentence
from rules.faults import Fault
from rules.reading import Document, Part

Unit = Literal["business days", "calendar days", "months", "disputes", "files", "megabytes", "products"]


class LimitEntry(Part):
    """A limit as it stands in the file."""

    value: Annotated[int, Field(ge=0)]
    unit: Unit
    meaning: Sentence
    source: Sentence


class Limit(int):
    """A whole number, with its `unit`, its `meaning` in a sentence, and the `source` it comes from."""

    unit: str
    meaning: str
    source: str

    def __new__(cls, value: int = 0, unit: str = "", meaning: str = "", source: str = "") -> "Limit":
        limit = super().__new__(cls, value)
        limit.unit, limit.meaning, limit.source = unit, meaning, source
        return limit

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def of(entry: LimitEntry) -> Limit:
            return cls(entry.value, entry.unit, entry.meaning, entry.source)

        return core_schema.no_info_after_validator_function(of, handler(LimitEntry))


class FileType(Part):
    """A kind of file that is taken as proof: the endings of its name (without the dot) and its media type."""

    name: Name
    extensions: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z0-9]+$")], ...], Field(min_length=1)]
    media_type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]


class DocumentLimits(Part):
    """What is taken as a proof file: how many, how large, of which kinds."""

    max_files_per_claim: Limit
    max_file_megabytes: Limit
    file_types: Annotated[tuple[FileType, ...], Field(min_length=1)]
    file_types_source: Sentence

    @property
    def max_file_bytes(self) -> int:
        """The largest size of one file, in bytes; a megabyte is 1,048,576 bytes."""
        return self.max_file_megabytes * 1024 * 1024

    @property
    def extensions(self) -> tuple[str, ...]:
        """Every ending of a file's name that is taken, without the dot."""
        return tuple(extension for kind in self.file_types for extension in kind.extensions)


class ClosingDay(Part):
    """A day on which the programme is closed though it is no public holiday."""

    date: date
    name: Name


class Limits(Part):
    """The programme's limits. Those that code asks for by name stand here; a rule may use any other of the file."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")
    __pydantic_extra__: dict[str, Limit] = Field(init=False)

    submitted_business_days: Limit
    under_review_business_days: Limit
    partner_action_business_days: Limit
    dispute_window_calendar_days: Limit
    dispute_result_business_days: Limit
    disputes_per_claim: Limit
    customer_opt_out_business_days: Limit
    acknowledgement_max_age_months: Limit
    acknowledgement_warning_age_months: Limit
    # How long data is kept (docs/privacy.md); None: it is kept until somebody asks for its erasure.
    drafts_kept_months: Limit | None = None
    closed_claims_kept_months: Limit | None = None
    exports_in_slack_calendar_days: Limit | None = None
    documents: DocumentLimits
    closing_days: tuple[ClosingDay, ...] = ()

    @property
    def named(self) -> Mapping[str, Limit]:
        """Every limit that is a number, by its name, the documents' limits included."""
        values = {**dict(self), **dict(self.documents)}
        return {name: value for name, value in values.items() if isinstance(value, Limit)}

    def faults(self, document: Document) -> Iterator[Fault]:
        """What pydantic cannot see: a unit that belies the limit's name, an ending of two kinds of file."""
        places: dict[str, tuple[str, ...]] = {name: (name,) for name in dict(self)}
        places |= {name: ("documents", name) for name in dict(self.documents)}
        for name, limit in self.named.items():
            unit = limit.unit.replace(" ", "_")
            if unit in {"business_days", "calendar_days", "months"} and not name.endswith(unit):
                message = f"“{name}” is counted in {limit.unit}, so its name must end in “{unit}”."
                yield document.fault((*places[name], "unit"), message)
        seen: set[str] = set()
        for number, kind in enumerate(self.documents.file_types):
            for extension in kind.extensions:
                if extension in seen:
                    place = ("documents", "file_types", number, "extensions")
                    yield document.fault(place, f"The ending “{extension}” stands here twice.")
                seen.add(extension)
