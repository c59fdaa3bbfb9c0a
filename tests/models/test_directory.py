"""The directory file and its import: what is refused, what comes about, and what is taken away again."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from models.answers import Refused
from models.database import Database
from models.directory import IMPORT_LOCK, Changes, DirectoryError, import_directory, parse_directory
from models.memory import Memory
from models.queries.claims import find
from models.queries.people import actor_for
from models.tables import Location, Membership, Partner, Person, ProgrammeSettings, Reviewer
from rules.lifecycle import PartnerRole, Status
from tests.cast import DIRECTORY as CAST
from tests.cast import TEAM, WHO, claim_in

HOME = "T0HOME"
EXAMPLE = """\
programme: {name: Example programme, country: US, timezone: America/Los_Angeles, review_channel: C0REVIEW}
reviewers:
  - {slack: U0REV1, name: Rosa Review, email: rosa@example.com, lead: true}
partners:
  - name: Contoso Consulting
    country: DE
    timezone: Europe/Berlin
    channel: C0CONTOSO
    locations:
      - {mpn: "4711001", name: Berlin, programmes: [modern-work, business-applications]}
    members:
      - {slack: U0ANA, name: Ana Admin, email: ana@example.com, roles: [incentives_admin]}
      - {slack: U0IVO, name: Ivo User, email: ivo@example.com, roles: [incentives_user], locations: ["4711001"]}
"""
FABRIKAM = """\
  - name: Fabrikam
    country: "NO"
    timezone: Europe/Oslo
    channel: C0FABRIKAM
    team: T0FABRIKAM
    locations:
      - {mpn: "4712001", name: Oslo, programmes: [modern-work], channel: C0OSLO}
    members:
      - {slack: U0BO, name: Bo Both, email: bo@example.com, roles: [incentives_admin], team: T0FABRIKAM}
"""


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(DirectoryError) as caught:
        parse_directory(text, "directory.yaml")
    assert {one.file for one in caught.value.faults} == {"directory.yaml"}
    return [(one.line, one.message) for one in caught.value.faults]


def only_fault(text: str) -> tuple[int, str]:
    (one,) = faults(text)
    return one


def imported(database: Database, text: str, team: str = HOME) -> Changes:
    with database.transaction() as session:
        return import_directory(session, parse_directory(text), team=team)


# --- reading ----------------------------------------------------------------------------------------------------------


def test_the_example_of_the_design_is_a_directory():
    directory = parse_directory(EXAMPLE)
    (partner,) = directory.partners
    assert directory.programme.review_channel == "C0REVIEW"
    assert [one.lead for one in directory.reviewers] == [True]
    assert partner.locations[0].programmes == ("modern-work", "business-applications")
    ana, ivo = partner.members
    assert (ana.roles, ana.locations) == ((PartnerRole.INCENTIVES_ADMIN,), None)
    assert (ivo.roles, ivo.locations) == ((PartnerRole.INCENTIVES_USER,), ("4711001",))


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("timezone: Europe/Berlin", "time_zone: Europe/Berlin", 7, "Did you mean “timezone”?"),
        ("lead: true", "led: true", 3, "There is no key “led”. Did you mean “lead”?"),
        ("lead: true", "lead: 1", 3, "must be true or false"),
        ('mpn: "4711001"', "mpn: 4711001", 10, "must be text; put it in quotes if it looks like a number"),
        ("[incentives_admin]", "[incentive_admin]", 12, "incentives_admin"),
        ("[incentives_admin]", "[]", 12, "must not be empty"),
        ("Europe/Berlin", "Europe/Berlinn", 7, "Did you mean “Europe/Berlin”?"),
        ("country: DE", "country: ZZ", 6, "There is no country “ZZ”."),
        ("country: US", "country: US, subdivision: XX", 1, "There is no subdivision of US “XX”."),
        ('mpn: "4711001"', 'mpn: "47-11"', 10, "“47-11” is no MPN"),
        ("ana@example.com", "ana.example.com", 12, "“ana.example.com” is no e-mail address."),
        ("ana@example.com", '"ana@example.com\\nBcc: zed@example.com"', 12, "is no e-mail address."),
        ("C0CONTOSO", '"#contoso"', 8, "“#contoso” is no channel id of Slack"),
        ("channel: C0CONTOSO", "channel: C0REVIEW", 8, "the partner would read what reviewers write"),
        ("name: Berlin", "name: Berlin, channel: C0REVIEW", 10, "the partner would read what reviewers write"),
        ("C0REVIEW", "review", 1, "“review” is no channel id of Slack"),
        ("U0ANA", '"@ana"', 12, "“@ana” is no user id of Slack"),
        ("lead: true", "lead: true, team: home", 3, "“home” is no workspace id of Slack"),
        ("name: Contoso Consulting", 'name: "  "', 5, "must not be empty"),
        ("    channel: C0CONTOSO\n", "", 5, "“channel” is missing."),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_plain_sentence(right: str, wrong: str, line: int, said: str):
    assert right in EXAMPLE
    found = faults(EXAMPLE.replace(right, wrong, 1))
    assert any(at == line and said in message for at, message in found), found


def test_a_scope_may_only_name_mpns_of_the_partner_itself():
    text = EXAMPLE.replace('locations: ["4711001"]', 'locations: ["4712001"]') + FABRIKAM
    line, message = only_fault(text)
    assert line == 13
    assert message.startswith("There is no location of this partner with MPN “4712001”.")


def test_an_mpn_belongs_to_one_location_only():
    text = EXAMPLE + FABRIKAM.replace("4712001", "4711001")
    assert only_fault(text) == (20, "The MPN “4711001” stands in line 10 already.")


def test_two_partners_may_not_share_a_name_whatever_its_case():
    text = EXAMPLE + FABRIKAM.replace("name: Fabrikam", 'name: " CONTOSO consulting"')
    assert only_fault(text) == (14, "The partner “ CONTOSO consulting” stands in line 5 already.")


def test_two_partners_may_share_a_channel():
    assert parse_directory(EXAMPLE + FABRIKAM.replace("C0FABRIKAM", "C0CONTOSO"))


def test_a_person_is_listed_once_at_a_partner():
    text = EXAMPLE.replace("U0IVO, name: Ivo User, email: ivo@", "U0ANA, name: Ana Admin, email: ana@")
    assert only_fault(text) == (13, "“U0ANA” stands in line 12 already.")


def test_a_workspace_left_out_does_not_hide_that_a_person_is_listed_twice():
    twice = EXAMPLE.replace("slack: U0IVO, name: Ivo User, email: ivo@", "slack: U0ANA, name: Ana Admin, email: ana@")
    text = twice.replace("roles: [incentives_user]", "roles: [incentives_user], team: T0HOME")
    assert only_fault(text)[0] == 13


def test_one_user_id_in_two_named_workspaces_is_two_people():
    text = EXAMPLE.replace("slack: U0ANA,", "slack: U0ANA, team: T0ONE,").replace("U0IVO,", "U0ANA, team: T0TWO,")
    assert len(parse_directory(text).partners[0].members) == 2


def test_a_person_cannot_have_two_names():
    text = EXAMPLE + FABRIKAM + "      - {slack: U0ANA, name: Anna Admin, roles: [billing_admin]}\n"
    assert only_fault(text) == (23, "“U0ANA” has another name in line 12: “Ana Admin”.")


def test_every_mistake_is_told_at_once_and_in_the_order_of_lines():
    text = EXAMPLE.replace("country: US", "country: ZZ").replace("lead: true", "led: true")
    text = text.replace("Europe/Berlin", "Europe/Bern").replace("[incentives_user]", "[boss]")
    assert [line for line, _ in faults(text)] == [1, 3, 7, 13]


def test_programmes_are_checked_where_the_catalogue_is_at_hand():
    with pytest.raises(DirectoryError) as caught:
        parse_directory(EXAMPLE, programmes=("modern-work", "business-application"))
    (fault,) = caught.value.faults
    assert (fault.line, fault.message.split(".")[0]) == (10, "There is no programme “business-applications”")


@pytest.mark.parametrize("text", ["", "[]", "partners: 1", "programme: [a\n", "a: &x 1\nb: *x\n", "partners: [1, [2]]"])
def test_what_is_no_directory_at_all_is_refused_and_not_stumbled_over(text: str):
    assert faults(text)


# --- importing --------------------------------------------------------------------------------------------------------


def test_an_import_brings_in_everything_that_the_file_says(rolled_back: Database):
    changes = imported(rolled_back, EXAMPLE + FABRIKAM)
    with rolled_back.transaction() as session:
        programme = session.get_one(ProgrammeSettings, 1)
        assert (programme.team, programme.country, programme.subdivision) == (HOME, "US", None)
        contoso, fabrikam = session.scalars(select(Partner).order_by(Partner.name))
        assert (contoso.team, fabrikam.team) == (HOME, "T0FABRIKAM")
        assert [(one.mpn, one.channel) for one in fabrikam.locations] == [("4712001", "C0OSLO")]
        assert contoso.locations[0].programmes == ["business-applications", "modern-work"]
        ivo = session.scalars(select(Person).where(Person.user == "U0IVO")).one()
        assert (ivo.team, ivo.email, ivo.active) == (HOME, "ivo@example.com", True)
        assert [(one.partner_id, one.roles, one.locations) for one in ivo.memberships] == [
            (contoso.id, ["incentives_user"], ["4711001"])
        ]
        rosa = session.scalars(select(Reviewer)).one()
        assert (rosa.person.name, rosa.lead) == ("Rosa Review", True)
    assert {kind: how["added"] for kind, how in changes.counts().items()} == {
        "programme": 1,
        "person": 4,
        "reviewer": 1,
        "partner": 2,
        "location": 2,
        "membership": 3,
    }
    assert changes.names("membership", "added")[0] == "Ana Admin (U0ANA) at Contoso Consulting"
    assert changes.names("location", "added") == ("Berlin (4711001)", "Oslo (4712001)")


def test_importing_the_same_again_changes_nothing(rolled_back: Database):
    assert imported(rolled_back, EXAMPLE + FABRIKAM)
    assert not imported(rolled_back, EXAMPLE + FABRIKAM)


def test_the_order_of_a_list_is_no_change(rolled_back: Database):
    imported(rolled_back, EXAMPLE)
    turned = EXAMPLE.replace("[modern-work, business-applications]", "[business-applications, modern-work]")
    assert not imported(rolled_back, turned)


def test_the_programmes_own_workspace_holds_for_all_who_name_none(rolled_back: Database):
    imported(rolled_back, EXAMPLE.replace("{name: Example programme", "{team: T0OWN, name: Example programme"))
    with rolled_back.transaction() as session:
        assert set(session.scalars(select(Person.team))) == {"T0OWN"}
        assert session.get_one(ProgrammeSettings, 1).team == "T0OWN"


def test_a_person_may_belong_to_two_partners_and_review_too(rolled_back: Database):
    rosa = "      - {slack: U0REV1, name: Rosa Review, roles: [billing_admin]}\n"
    imported(rolled_back, EXAMPLE + rosa + FABRIKAM + rosa)
    with rolled_back.transaction() as session:
        person = session.scalars(select(Person).where(Person.user == "U0REV1")).one()
        assert person.reviewer is not None
        assert len(person.memberships) == 2
        assert person.email == "rosa@example.com"


def test_who_is_no_longer_listed_loses_access_and_stays_known(rolled_back: Database):
    imported(rolled_back, EXAMPLE + FABRIKAM)
    gone = EXAMPLE.replace("U0REV1, name: Rosa Review, email: rosa@", "U0REV2, name: Remy Review, email: remy@")
    changes = imported(rolled_back, gone)
    assert changes.names("person", "removed") == ("Rosa Review (U0REV1)", "Bo Both (U0BO)")
    assert changes.names("reviewer", "removed") == ("Rosa Review (U0REV1)",)
    assert changes.names("membership", "removed") == ("Bo Both (U0BO) at Fabrikam",)
    assert changes.names("partner", "removed") == ("Fabrikam",)
    assert changes.names("location", "removed") == ("Oslo (4712001)",)
    with rolled_back.transaction() as session:
        bo = session.scalars(select(Person).where(Person.user == "U0BO")).one()
        assert (bo.active, bo.memberships) == (False, [])
        assert session.scalars(select(Partner.active).where(Partner.name == "Fabrikam")).one() is False
        assert session.get_one(Location, "4712001").active is False
        assert [one.person.user for one in session.scalars(select(Reviewer))] == ["U0REV2"]
    assert not imported(rolled_back, gone)


def test_who_is_listed_again_comes_back_as_the_same(rolled_back: Database):
    imported(rolled_back, EXAMPLE + FABRIKAM)
    with rolled_back.transaction() as session:
        before = session.scalars(select(Partner.id).where(Partner.name == "Fabrikam")).one()
    imported(rolled_back, EXAMPLE)
    changes = imported(rolled_back, EXAMPLE + FABRIKAM)
    assert changes.names("partner", "added") == ("Fabrikam",)
    assert changes.names("person", "added") == ("Bo Both (U0BO)",)
    with rolled_back.transaction() as session:
        fabrikam = session.get_one(Partner, before)
        assert (fabrikam.active, fabrikam.locations[0].active) == (True, True)


def test_what_reads_otherwise_than_before_is_changed_in_place(rolled_back: Database):
    imported(rolled_back, EXAMPLE)
    text = EXAMPLE.replace("Contoso Consulting", "CONTOSO Consulting").replace("Ivo User", "Ivo Other")
    changes = imported(rolled_back, text.replace("[incentives_admin]", "[incentives_admin, global_admin]"))
    assert [(one.kind, one.how, one.name) for one in changes.done] == [
        ("person", "changed", "Ivo Other (U0IVO)"),
        ("partner", "changed", "CONTOSO Consulting"),
        ("membership", "changed", "Ana Admin (U0ANA) at CONTOSO Consulting"),
    ]


def test_a_partner_under_a_new_name_keeps_its_claims(memory: Memory):
    named = CAST.replace("name: Contoso Consulting", "name: Contoso GmbH")
    known = named.replace("name: Contoso GmbH", "name: Contoso GmbH\n    formerly: Contoso Consulting")

    def see(number: str) -> bool:
        with memory.database.transaction() as session:
            try:
                return bool(find(session, actor_for(session, WHO["Ivo"]), number))
            except Refused:
                return False

    def know(text: str) -> Changes:
        with memory.database.transaction() as session:
            return import_directory(session, parse_directory(text), team=TEAM)

    number = claim_in(memory, Status.SUBMITTED)
    know(named)
    assert not see(number), "taken for another partner, as nothing says that it is the same"
    assert know(known).names("partner", "changed") == ("Contoso GmbH",)
    assert see(number)
    assert not know(known)
    know(CAST)
    other = claim_in(memory, Status.DRAFT)
    with pytest.raises(DirectoryError, match="both have claims"):
        know(known)
    assert see(other)


def test_a_location_that_changes_hands_goes_with_its_number(rolled_back: Database):
    imported(rolled_back, EXAMPLE + FABRIKAM)
    oslo = '      - {mpn: "4712001", name: Oslo, programmes: [modern-work], channel: C0OSLO}\n'
    moved = EXAMPLE.replace("    members:\n", oslo + "    members:\n", 1)
    moved += FABRIKAM.replace("    locations:\n" + oslo, "    locations: []\n")
    with rolled_back.transaction() as session:
        fabrikam = session.scalars(select(Partner).where(Partner.name == "Fabrikam")).one()
        assert len(fabrikam.locations) == 1
        changes = import_directory(session, parse_directory(moved), team=HOME)
        assert changes.names("location", "changed") == ("Oslo (4712001)",)
        assert fabrikam.locations == []


def test_what_a_session_has_read_before_does_not_outlive_an_import(rolled_back: Database):
    imported(rolled_back, EXAMPLE + FABRIKAM)
    with rolled_back.transaction() as session:
        bo = session.scalars(select(Person).where(Person.user == "U0BO")).one()
        rosa = session.scalars(select(Person).where(Person.user == "U0REV1")).one()
        assert (len(bo.memberships), rosa.reviewer is not None) == (1, True)
        remy = EXAMPLE.replace("U0REV1, name: Rosa Review, email: rosa@", "U0REV2, name: Remy Review, email: remy@")
        import_directory(session, parse_directory(remy), team=HOME)
        assert (bo.memberships, rosa.reviewer) == ([], None)


def test_an_import_that_fails_leaves_nothing_behind(database: Database):
    imported(database, EXAMPLE)

    def fails() -> None:
        with database.transaction() as session:
            import_directory(session, parse_directory(EXAMPLE + FABRIKAM), team=HOME)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with database.transaction() as session:
        assert list(session.scalars(select(Partner.name))) == ["Contoso Consulting"]


def test_two_imports_at_once_happen_one_after_the_other(database: Database):
    both, failures = Barrier(2, timeout=20), []

    def bring(text: str) -> None:
        directory = parse_directory(text)
        both.wait()
        try:
            with database.transaction() as session:
                import_directory(session, directory, team=HOME)
        except Exception as error:
            failures.append(error)

    remy = EXAMPLE.replace("U0REV1, name: Rosa Review", "U0REV2, name: Remy Review").replace("Contoso", "Northwind")
    threads = [Thread(target=bring, args=(text,)) for text in (EXAMPLE, remy)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.transaction() as session:
        reviewer = session.scalars(select(Reviewer)).one().person.name
        partner = session.scalars(select(Partner.name).where(Partner.active)).one()
        assert (reviewer, partner) in {
            ("Rosa Review", "Contoso Consulting"),
            ("Remy Review", "Northwind Consulting"),
        }
        assert session.scalar(select(func.count()).select_from(Membership)) == 2


def test_an_import_keeps_others_out_until_its_transaction_ends(database: Database):
    held = select(func.pg_try_advisory_xact_lock(IMPORT_LOCK))
    with database.transaction() as first:
        import_directory(first, parse_directory(EXAMPLE), team=HOME)
        with database.transaction() as second:
            assert second.scalar(held) is False
    with database.transaction() as second:
        assert second.scalar(held) is True
