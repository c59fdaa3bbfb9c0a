"""Whether an approved association can bring money: a question of its own, which approval does not answer.

"If you have made a CPOR association claim, and it has been approved, [...] that doesn't mean that the claim is approved
for incentive earnings or payout" (seed 004). For now the catalogue answers: the partner role, the products, and whether
the partner opted out of the payment. A rule set ``incentive`` is to take this function's place.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from rules.catalogue import Catalogue


class Eligibility(StrEnum):
    """What an association can bring, in the words that people read."""

    CAN_PAY = "can be paid"
    RECOGNITION_ONLY = "recognition only"
    OPTED_OUT = "payment opted out"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Incentive:
    """The answer, and why in a sentence."""

    eligibility: Eligibility
    why: str


def incentive(
    catalogue: Catalogue, *, partner_role: str, products: Collection[str], opt_out_of_payment: bool
) -> Incentive:
    """Whether a claim with these values, once it is approved, can bring money.

    Args:
        partner_role: the role's id.
        products: ids; those that the catalogue has no longer are taken as paid, so that nothing is denied by accident.
    """
    role = next((one for one in catalogue.partner_roles if one.id == partner_role), None)
    if role is None:
        return Incentive(Eligibility.UNKNOWN, "The partner role is not in the catalogue any more.")
    if not role.pays:
        return Incentive(Eligibility.RECOGNITION_ONLY, f"“{role.name}” brings recognition, and no money.")
    if opt_out_of_payment and "opt_out_of_payment" in role.offers:
        return Incentive(Eligibility.OPTED_OUT, "The partner opted out of the payment; the association counts.")
    unpaid = {one.id for one in catalogue.products if one.recognition_only}
    if products and unpaid.issuperset(products):
        return Incentive(Eligibility.RECOGNITION_ONLY, "These products bring recognition, and no money.")
    return Incentive(Eligibility.CAN_PAY, f"“{role.name}” can be paid; the incentive guide says whether it is.")
