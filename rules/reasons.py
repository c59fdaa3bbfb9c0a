"""The reasons that people choose from: for more information, for a rejection, for a partner's own request."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from rules.catalogue import Named, Sentence, find, twice
from rules.faults import Fault, unknown
from rules.reading import Document, Part

PARTNER_REQUEST = "partner-request"
CUSTOMER_DECLINED = "customer-declined"
NO_PARTNER_RESPONSE = "no-partner-response"
_WRITTEN_BY_CLAIMBOT = (PARTNER_REQUEST, CUSTOMER_DECLINED, NO_PARTNER_RESPONSE)


class Reason(Named):
    """A reason: `name` is the label, exactly as the source has it, `meaning` a plain sentence."""

    meaning: Sentence
    source: Sentence

    @property
    def label(self) -> str:
        """What stands on buttons and in lists."""
        return self.name


class RejectionReason(Reason):
    """A reason for a rejection; `given_by` says who can give it, so that a reviewer is not offered the others."""

    given_by: Literal["reviewer", "partner", "customer", "clock"]
    common: bool = False


class Reasons(Part):
    """Every reason, in the order in which it is shown."""

    information: Annotated[tuple[Reason, ...], Field(min_length=1)]
    rejection: Annotated[tuple[RejectionReason, ...], Field(min_length=1)]
    partner_request: Annotated[tuple[Reason, ...], Field(min_length=1)]

    def rejection_reason(self, id: str) -> RejectionReason:
        """A reason for a rejection. Raises KeyError that proposes the nearest right id."""
        return find("reason for a rejection", id, self.rejection)

    @property
    def for_reviewers(self) -> tuple[RejectionReason, ...]:
        """The reasons that a reviewer chooses from when rejecting a claim."""
        return tuple(reason for reason in self.rejection if reason.given_by == "reviewer")

    def faults(self, document: Document) -> Iterator[Fault]:
        """What pydantic cannot see: ids used twice, and the reasons that claimbot itself gives."""
        for group in ("information", "rejection", "partner_request"):
            yield from twice(document, (group,), getattr(self, group))
        known = {reason.id for reason in self.rejection}
        for id in _WRITTEN_BY_CLAIMBOT:
            if id not in known:
                message = f"{unknown('reason', id, known)} claimbot gives this one itself: keep its id."
                yield document.fault(("rejection",), message)
