"""Teams changed from Slack: within their bounds, and not undone unasked by the next import of the file."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.answers import Invalid, Refused
from models.directory import import_directory, parse_directory
from models.directory_export import export_directory
from models.memory import Memory
from models.operations import teams
from models.operations.journal import note
from models.operations.teams import Somebody
from models.tables import Partner
from rules.lifecycle import PartnerRole
from tests.cast import CONTOSO, DIRECTORY, LONDON, TEAM, WHO


def test_what_is_exported_can_be_imported_and_changes_nothing(memory: Memory):
    with memory.database.transaction() as session:
        exported = export_directory(session)
        assert not import_directory(session, parse_directory(exported), team="T0OTHER")


def test_an_import_says_which_changes_of_slack_it_would_undo(memory: Memory):
    teams.set_member(
        memory, WHO["Gil"], _contoso(memory), Somebody(WHO["Zed"], "Zed Newcomer"), [PartnerRole.INCENTIVES_USER], None
    )
    with memory.database.transaction() as session:
        changes = import_directory(session, parse_directory(DIRECTORY), team=TEAM)
        assert teams.undone(session, changes) == ["Zed Newcomer (U0ZED) at Contoso Consulting: removed"]
        note(session, "import", {}, memory.clock())
        again = import_directory(session, parse_directory(DIRECTORY), team=TEAM)
        assert teams.undone(session, again) == []


def test_members_of_another_partner_and_its_locations_are_out_of_reach(memory: Memory):
    somebody = Somebody(WHO["Zed"], "Zed")
    with pytest.raises(Refused):
        teams.set_member(memory, WHO["Bo"], _contoso(memory), somebody, [PartnerRole.INCENTIVES_USER], None)
    with pytest.raises(Invalid) as found:
        teams.set_member(memory, WHO["Gil"], _contoso(memory), somebody, [PartnerRole.INCENTIVES_USER], [LONDON])
    assert found.value.errors == {"locations": "4722001 is not a location of this partner."}


def _contoso(memory: Memory) -> int:
    with memory.database.transaction() as session:
        return session.scalars(select(Partner.id).where(Partner.name == CONTOSO)).one()
