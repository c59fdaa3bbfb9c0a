"""What can be told when something happens to a claim, and to whom: the words that the rule set `notice` may use.

Which of it is told, and when, the rules say. What happens to a claim is always told in Slack, on its cards and in
their threads; notices are what goes out beyond that, by mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rules.lifecycle import Action

EVENTS: Mapping[Action, str] = MappingProxyType(
    {
        Action.SUBMIT: "submitted",
        Action.RESUBMIT: "resubmitted",
        Action.START_REVIEW: "review-started",
        Action.REQUEST_INFORMATION: "information-requested",
        Action.APPROVE: "approved",
        Action.REJECT: "rejected",
        Action.WITHDRAW: "withdrawn",
        Action.DISPUTE: "disputed",
        Action.DISASSOCIATE: "disassociated",
        Action.OPT_OUT: "opted-out",
        Action.NO_RESPONSE: "no-partner-response",
        Action.ASSOCIATE: "association-official",
    }
)
"""What can happen that somebody may be told of: the action, and the word that rules have for it."""

NOTICES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "customer": MappingProxyType(
            {
                "announcement": "A partner filed a claim that names you.",
                "notice": "The claim is approved; until when you can opt out, and how.",
                "opted_out": "You opted out; the association is rejected.",
            }
        ),
        "partner": MappingProxyType({"rejection": "The claim is rejected, why, and how to dispute it."}),
    }
)
"""To whom (the contacts that a claim names) what can be told, with what it says: there is a text for each of these."""
