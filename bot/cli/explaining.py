"""What `claimbot rules explain` prints."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from models.memory import Memory
from models.queries.decisions import Told, decided_today, decisions_for, same
from models.tables import Claim, claim_id, claim_number
from rules.decision import Decision
from rules.explanation import explain

_STYLES = {
    "[block]": "bold red",
    "[ineligible]": "red",
    "[warn]": "yellow",
    "[suggest]": "yellow",
    "[eligible]": "green",
}


def explained(memory: Memory, number: str, rule_set: str | None) -> None:
    """Print the decisions about a claim. Whoever runs this administers the programme and sees every claim.

    Raises:
        LookupError: there is no such claim, or no such decision; its first argument is a sentence.
    """
    identity = claim_id(number)
    console = Console(soft_wrap=True, highlight=False)
    with memory.database.reading() as session:
        claim = session.get(Claim, identity) if identity is not None else None
        if claim is None:
            raise LookupError(f"There is no claim {claim_number(identity) if identity is not None else number}.")
        every = decisions_for(session, memory, claim, reviewer=True)
        shown = [told for told in every if rule_set in (None, told.decision.rule_set)]
        if not shown:
            known = ", ".join(told.decision.rule_set for told in every)
            raise LookupError(f"“{rule_set}” has decided nothing about {claim.number}. There is: {known}.")
        zone = memory.calendar(session)
        console.print(Text(f"{claim.number} · {claim.claim_name} · {claim.status}", style="bold"))
        for told in shown:
            console.print()
            if told.at is None:
                console.print("As it looks now; nothing is decided and kept:")
            else:
                console.print(f"Decided on {zone.local_day(told.at).isoformat()}, and kept:")
            for line in explain(told.decision):
                console.print(Text(line, style=_STYLES.get(line.partition(" ")[0], "")))
            if told.at is not None:
                console.print()
                for line in _today(told, decided_today(session, memory, claim, told)):
                    console.print(Text(line, style="bold"))


def _today(told: Told, today: Decision | None) -> Iterator[str]:
    if today is None:
        yield "Today's rules have no such rule set."
    elif same(told.decision, today):
        yield f"Today's rules ({today.version}) would decide the same."
    else:
        instead = f"{today.outcome} instead of {told.decision.outcome}"
        yield f"Today's rules ({today.version}) would decide otherwise: {instead}."
        gained = [one for one in today.fired if one not in told.decision.fired]
        lost = [one for one in told.decision.fired if one not in today.fired]
        if gained:
            yield f"  They would also say: {', '.join(gained)}"
        if lost:
            yield f"  They would not say any more: {', '.join(lost)}"
