"""Filing a claim: page by page, with what goes wrong on the way, and nothing that was typed is ever lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import bot.desk
from models.memory import FRESH
from models.operations import filing
from models.operations.publishing import publish
from rules.lifecycle import Status
from sandbox.driver import Person
from tests.cast import BERLIN, DIRECTORY, MUNICH, WHO
from tests.stories.world import ACKNOWLEDGED, FIRST, FOURTH, PDF, SECOND, THIRD, World

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
SIGN_IN_PAGE = b"<!DOCTYPE html><html><head><title>Sign in to Slack</title></head></html>"
CLAIM = ["Claim name", "Partner location (MPN)", "Solution area", "Partner role"]
CONTACTS = list(THIRD)
PROOF = ["Acknowledgement date", "Proof of execution", "Comments"]
CUSTOMER = ["Customer tenant ID", "Customer name", "Customer domain", "Customer country", "Products"]
APPLICATIONS = {"Solution area": "Business Applications"}


def begin(world: World, who: str = "Ana") -> Person:
    person = world.person(who)
    person.command("/claim new", "C0CONTOSO")
    return person


# -- pages and fields --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "role", "customer"),
    [
        ("Modern Work and Security", "Use or consume", [*CUSTOMER, "Opt out of incentive payment"]),
        ("Business Applications", "Build intent - Advisor", [*CUSTOMER, "Subscription ID"]),
        ("Business Applications", "Usage recognition - Non-Incentivized", [*CUSTOMER, "Subscription ID"]),
        (
            "Business Applications",
            "Influenced Revenue recognition - Non-Incentivized",
            [*CUSTOMER, "Subscription ID", "Solution seller", "ISV solution"],
        ),
    ],
)
def test_a_partner_role_is_asked_only_for_what_it_needs(http_world: World, area: str, role: str, customer: list[str]):
    begin(http_world)
    form = http_world.form("Ana")
    assert (form.title, form.labels) == ("New claim (1 of 4)", CLAIM)
    pages = [FIRST | {"Solution area": area, "Partner role": role}, {}, {}]
    shown = []
    for values in pages:
        http_world.turn_page("Ana", values)
        shown.append((form.title, form.labels))
    assert shown == [
        ("CL-000001 (2 of 4)", customer),
        ("CL-000001 (3 of 4)", CONTACTS),
        ("CL-000001 (4 of 4)", PROOF),
    ]


def test_choosing_a_solution_area_narrows_the_partner_roles_and_keeps_what_was_typed(http_world: World):
    begin(http_world)
    form = http_world.form("Ana")
    assert len(form.options("Partner role")) == 4
    form.fill({"Claim name": "Northwind: CRM", "Partner location (MPN)": "Munich · 4711002", **APPLICATIONS})

    assert form.options("Partner role") == [
        "Build intent - Advisor",
        "Usage recognition - Non-Incentivized",
        "Influenced Revenue recognition - Non-Incentivized",
    ]
    assert "Use or consume:" not in form.text
    assert form.values == {
        "Claim name": "Northwind: CRM",
        "Partner location (MPN)": "Munich · 4711002",
        "Solution area": "Business Applications",
        "Partner role": None,
    }


def test_a_role_chosen_before_the_solution_area_changed_has_to_be_chosen_again(http_world: World):
    begin(http_world)
    form = http_world.form("Ana")
    form.fill(FIRST)
    form.fill_one("Solution area", "Business Applications")
    assert form.values["Partner role"] is None
    form.submit()
    assert form.errors == {"Partner role": "Please complete this required field."}


@pytest.mark.parametrize("status", [500, 503])
def test_a_form_that_slack_fails_to_draw_anew_once_is_drawn_a_moment_later(http_world: World, status: int):
    ana = begin(http_world)
    form = http_world.form("Ana")
    form.fill({"Claim name": "Northwind"})
    plan = http_world.sandbox.faults.fail("views.update", status=status)
    form.fill({"Solution area": FIRST["Solution area"]})
    assert plan.used_up
    assert FIRST["Partner role"] in form.options("Partner role")
    assert (form.values["Claim name"], ana.direct_messages()) == ("Northwind", [])


def test_who_waits_for_a_long_page_that_slack_does_not_draw_is_told_and_goes_on(
    http_world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bot.desk, "ACK_BYTES", 100)  # so that every page is a long one
    ana = begin(http_world)
    form = http_world.form("Ana")
    form.fill(FIRST)
    http_world.sandbox.faults.refuse("views.update", "internal_error")
    form.submit()
    assert http_world.form("Ana").title == "Almost there"
    [told] = ana.direct_messages()
    assert told.text.startswith("Slack did not draw the form anew in time. What you typed is kept")
    http_world.form("Ana").close()
    assert http_world.form("Ana").values["Claim name"] == FIRST["Claim name"]
    http_world.form("Ana").submit()
    http_world.form("Ana").close()
    assert http_world.form("Ana").title == "CL-000001 (2 of 4)"
    assert http_world.history() == ["create"]


def test_the_products_offered_are_those_of_the_solution_area(http_world: World):
    begin(http_world)
    http_world.turn_page("Ana", FIRST | APPLICATIONS | {"Partner role": "Build intent - Advisor"})
    form = http_world.form("Ana")
    assert "Business Central" in form.options("Products", "bus")
    assert "Teams" not in form.options("Products", "tea")


def test_whoever_files_for_one_location_only_has_it_chosen_already(http_world: World):
    begin(http_world, "Ivo")
    form = http_world.form("Ivo")
    assert form.options("Partner location (MPN)") == ["Berlin · 4711001"]
    assert form.values["Partner location (MPN)"] == "Berlin · 4711001"


# -- what is wrong stands where it is wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "label", "typed", "problem"),
    [
        (SECOND, "Customer tenant ID", "northwind", "This is not an ID of the form"),
        (SECOND, "Customer domain", "not a domain", "This is not a domain name such as fabrikam.com."),
        (SECOND, "Customer name", "N" * 151, "Please enter no more than 150 characters."),
        (THIRD, "Customer contact e-mail", "cara@northwind@com.org", "Please enter a valid email address."),
        (THIRD, "Customer contact e-mail", "cara@north_wind.com", "This is not an e-mail address"),
        (THIRD, "Partner contact e-mail", f"{'a' * 250}@contoso.com", "Please shorten this to 254 characters"),
    ],
)
def test_an_error_stands_at_its_field_and_everything_typed_survives(
    http_world: World, page: dict[str, Any], label: str, typed: str, problem: str
):
    begin(http_world)
    http_world.turn_page("Ana", FIRST)
    if page is THIRD:
        http_world.turn_page("Ana", SECOND)
    form = http_world.turn_page("Ana", page | {label: typed})

    assert list(form.errors) == [label]
    assert problem in form.errors[label]
    assert {name: form.values[name] for name in page} == page | {label: typed}
    assert http_world.turn_page("Ana", {label: page[label]}).errors == {}
    assert label not in form.labels, "the page is not left"


def test_several_errors_are_all_shown_at_once(http_world: World):
    begin(http_world)
    http_world.turn_page("Ana", FIRST)
    form = http_world.turn_page("Ana", SECOND | {"Customer tenant ID": "?", "Customer domain": "?"})
    assert list(form.errors) == ["Customer tenant ID", "Customer domain"]


def test_a_location_that_was_taken_out_of_scope_while_typing_is_an_error_at_its_field(http_world: World):
    begin(http_world, "Ivo")
    form = http_world.form("Ivo")
    form.fill(FIRST)
    berlin, munich = (f'roles: [incentives_user], locations: ["{mpn}"]' for mpn in (BERLIN, MUNICH))
    http_world.know(DIRECTORY.replace(berlin, munich))
    form.submit()
    assert form.errors == {"Partner location (MPN)": "4711001 is not one of your locations."}
    assert form.values["Claim name"] == FIRST["Claim name"]


# -- leaving and going on ----------------------------------------------------------------------------------------------


def test_leaving_after_the_first_page_keeps_a_draft_and_edit_goes_on_with_it(http_world: World):
    ana = begin(http_world)
    form = http_world.turn_page("Ana", FIRST)
    assert form.close_label == "Finish later"
    form.close()
    http_world.settle()
    assert ana.form is None
    assert http_world.card("Ana", "C0CONTOSO").buttons == [
        "Edit",
        "Submit for review",
        "Discard draft",
        "Details",
        "Why?",
    ]

    ana.command("/claim edit CL-000001", "C0CONTOSO")
    form = http_world.form("Ana")
    assert form.values == FIRST
    assert http_world.turn_page("Ana", {}).labels[0] == "Customer tenant ID"
    http_world.turn_page("Ana", SECOND)
    form.close()

    ana.press("Edit", http_world.card("Ana", "C0CONTOSO"))
    http_world.turn_page("Ana", {})
    assert {name: http_world.form("Ana").values[name] for name in SECOND} == SECOND


def test_a_form_that_is_cancelled_on_its_first_page_leaves_nothing(http_world: World):
    ana = begin(http_world)
    form = http_world.form("Ana")
    form.fill(FIRST)
    assert form.close_label == "Cancel"
    form.close()
    http_world.settle()
    assert "There are no claims yet" in ana.command("/claim list", "C0CONTOSO").text


def test_the_shortcut_and_the_menu_open_the_same_form_as_the_command(http_world: World):
    ana = http_world.person("Ana")

    def by_menu() -> None:
        menu = ana.command("/claim", "C0CONTOSO").message
        assert menu is not None
        ana.press("New claim", menu)

    for opening in (lambda: ana.shortcut("New claim"), by_menu, lambda: ana.open_home().press("New claim")):
        opening()
        form = http_world.form("Ana")
        assert (form.title, form.labels) == ("New claim (1 of 4)", CLAIM)
        form.close()


# -- proof of execution ------------------------------------------------------------------------------------------------

Spoil = Callable[[World, str], None]


def serve(content_type: str, content: bytes) -> Spoil:
    return lambda world, file: world.sandbox.workspace.serve_file_as(file, content_type, content)


@pytest.mark.parametrize(
    ("name", "content", "spoil", "problem"),
    [
        pytest.param("sow.pdf", b"", None, "The file is empty.", id="empty"),
        pytest.param("sow.pdf", b"MZ\x90\x00", None, "a program or a script", id="a program under another name"),
        pytest.param("sow.pdf", b"Dear Cara", None, "content is not what its name says", id="a text named .pdf"),
        pytest.param("sow.docx", PDF[:5] + b"\0", None, None, id="a PDF named .docx is what it is"),
        pytest.param("sow.pdf", PDF, serve("text/html", SIGN_IN_PAGE), "A web page arrived instead", id="sign-in page"),
        pytest.param(
            "sow.pdf", PDF, serve("application/pdf", PDF + bytes(11_000_000)), "larger than 10 MB", id="11 MB"
        ),
    ],
)
def test_a_wrong_file_is_refused_in_the_form_with_words_and_a_good_one_passes(
    http_world: World, name: str, content: bytes, spoil: Spoil | None, problem: str | None
):
    ana = begin(http_world)
    for page in (FIRST, SECOND, THIRD):
        http_world.turn_page("Ana", page)
    form = http_world.turn_page("Ana", FOURTH | {"Proof of execution": [(name, content)]})
    assert form.title == "Checking the proof"
    assert name in form.text
    if spoil is not None:
        [file] = http_world.sandbox.workspace.files
        spoil(http_world, file)
    for _ in range(5):  # what may still be scanned by Slack is tried again
        http_world.wait()
    if problem is None:
        assert form.title == "Submit for review"
        return

    assert form.title == "CL-000001 (4 of 4)"
    assert "This could not be taken" in form.text
    assert f"{name}: " in form.text
    assert problem in form.text
    assert form.values["Acknowledgement date"] == "2026-10-01"
    assert http_world.claim().status is Status.DRAFT

    http_world.turn_page("Ana", {"Proof of execution": [("signed.pdf", PDF)]})
    http_world.wait()
    assert form.title == "Submit for review"
    http_world.turn_page("Ana", ACKNOWLEDGED)
    assert ana.form is not None
    assert ana.form.title == "Submitted"


def test_a_wrong_file_is_told_by_direct_message_when_the_form_was_closed(http_world: World):
    ana = begin(http_world)
    for page in (FIRST, SECOND, THIRD, FOURTH | {"Proof of execution": [("sow.pdf", b"")]}):
        http_world.turn_page("Ana", page)
    http_world.form("Ana").close()
    http_world.settle()
    assert [one.visible_text for one in ana.direct_messages()] == [
        "A file for CL-000001 could not be taken. sow.pdf: The file is empty."
    ]


def test_a_file_that_is_gone_from_slack_is_refused_with_words(http_world: World):
    begin(http_world)
    for page in (FIRST, SECOND, THIRD, FOURTH):
        http_world.turn_page("Ana", page)
    http_world.sandbox.workspace.files.clear()
    for _ in range(5):
        http_world.wait()
    form = http_world.form("Ana")
    assert "This could not be taken" in form.text
    assert "hand it in again" in form.text


def test_files_can_be_taken_back(http_world: World):
    ana = http_world.file_claim(changes={"Proof of execution": [("sow.pdf", PDF), ("letter.pdf", PDF + b"%2")]})
    http_world.form("Ana").close()
    assert "sow.pdf, letter.pdf" in http_world.card("Ana", "C0CONTOSO").visible_text

    ana.command("/claim edit CL-000001", "C0CONTOSO")
    for _ in range(3):
        http_world.turn_page("Ana", {})
    form = http_world.form("Ana")
    assert form.options("Already handed in: tick what is to be removed") == ["sow.pdf", "letter.pdf"]
    http_world.turn_page("Ana", {"Already handed in: tick what is to be removed": ["sow.pdf"]})
    http_world.settle()
    assert form.title == "Submit for review"
    card = http_world.card("Ana", "C0CONTOSO").visible_text
    assert "letter.pdf" in card
    assert "sow.pdf" not in card


def test_more_files_than_a_claim_takes_are_an_error_at_the_field(http_world: World):
    ana = http_world.file_claim()
    http_world.form("Ana").close()
    ana.command("/claim edit CL-000001", "C0CONTOSO")
    for _ in range(3):
        http_world.turn_page("Ana", {})
    files = [(f"page-{number}.pdf", PDF + bytes([number])) for number in range(10)]
    form = http_world.turn_page("Ana", {"Proof of execution": files})
    assert form.errors == {"Proof of execution": "A claim takes up to 10 files; with these it would have 11."}
    assert len(form.values["Proof of execution"]) == 10


# -- handing in --------------------------------------------------------------------------------------------------------


def test_whatever_is_missing_is_said_at_once_and_nothing_is_lost(http_world: World):
    ana = begin(http_world)
    http_world.turn_page("Ana", FIRST)
    http_world.form("Ana").close()
    ana.command("/claim submit CL-000001", "C0CONTOSO")
    form = http_world.form("Ana")
    assert form.title == "Not ready yet"
    missing = [*CUSTOMER[:1], "Products", *CONTACTS, "Proof of execution", "Acknowledgement date"]
    told = [line.partition(": ")[0] for line in form.text.splitlines()]
    assert [label for label in told if label in missing] == missing
    assert "nothing is lost" in form.text
    assert http_world.claim().status is Status.DRAFT

    form.press("Edit")  # leads to the first that is missing, the tenant ID
    assert form.title == "CL-000001 (2 of 4)"
    for page in (SECOND, THIRD, FOURTH):
        http_world.turn_page("Ana", page)
    http_world.settle()
    assert form.title == "Submit for review"


def test_the_acknowledgements_are_needed_and_all_of_them(http_world: World):
    http_world.file_claim()
    form = http_world.form("Ana")
    form.submit()
    assert form.errors == {"Acknowledgements": "Please complete this required field."}
    form.fill_one("Acknowledgements", form.options("Acknowledgements")[:1])
    form.submit()
    assert form.errors == {"Acknowledgements": "Please tick all of them: each is needed."}
    assert http_world.claim().status is Status.DRAFT


# -- several people ----------------------------------------------------------------------------------------------------


def test_whoever_saves_second_is_told_by_whom_and_keeps_what_was_typed(http_world: World):
    http_world.claim_in(Status.DRAFT)
    for name in ("Ana", "Ivo"):
        http_world.person(name).command("/claim edit CL-000001", "C0CONTOSO")
    http_world.turn_page("Ana", {"Claim name": "Northwind, by Ana"})
    form = http_world.turn_page("Ivo", {"Claim name": "Northwind, by Ivo"})

    assert "Ana Admin changed this claim while you were typing." in form.text
    assert form.values["Claim name"] == "Northwind, by Ivo"
    assert http_world.claim().claim_name == "Northwind, by Ana"

    http_world.turn_page("Ivo", {})
    assert form.title == "CL-000001 (2 of 4)"
    assert http_world.claim().claim_name == "Northwind, by Ivo"


def test_whoever_submits_vouches_for_what_stands_in_the_form_and_for_nothing_else(http_world: World):
    world, number = http_world, http_world.claim_in(Status.DRAFT)
    world.person("Ana").command(f"/claim submit {number}", "C0CONTOSO")
    filing.edit(world.bot.memory, WHO["Ivo"], number, {"products": ["intune"]})

    again = world.turn_page("Ana", ACKNOWLEDGED)
    assert "Ivo User changed this claim meanwhile. Nothing was handed in yet." in again.text
    assert "Products: Intune" in again.text
    assert world.claim(number).status is Status.DRAFT
    again.submit()
    assert again.errors == {"Acknowledgements": "Please complete this required field."}, "nothing is ticked any more"
    assert world.turn_page("Ana", ACKNOWLEDGED).title == "Submitted"
    assert world.claim(number).status is Status.SUBMITTED


def test_a_claim_that_was_sent_back_keeps_products_that_the_catalogue_has_no_longer(http_world: World):
    world, memory = http_world, http_world.bot.memory
    number = world.claim_in(Status.ACTION_REQUIRED, products=["teams", "viva-topics"])
    files = {name: text.replace("modern-work", "work") for name, text in memory.programme.files.items()}
    [retired] = [one for one in files["catalogue.yaml"].splitlines() if "- {id: viva-topics," in one]
    files["catalogue.yaml"] = files["catalogue.yaml"].replace(retired, "")
    publish(memory.database, files, "Petra Programme", memory.clock(), memory.clock())
    world.clock.advance(FRESH)
    assert "viva-topics" not in memory.programme.catalogue.products_by_id

    ana = world.person("Ana")
    ana.command(f"/claim edit {number}", "C0CONTOSO")
    assert world.form("Ana").values["Products"] == ["Teams", "VivaTopics"]
    world.turn_page("Ana", {"Comments": "Both stand on page 2."})
    claim = world.claim(number)
    assert (claim.products, claim.comments) == (["teams", "viva-topics"], "Both stand on page 2.")
    world.turn_page("Ana", ACKNOWLEDGED)
    assert world.claim(number).status is Status.SUBMITTED


def test_a_draft_whose_solution_area_is_no_longer_in_the_catalogue_gets_another(http_world: World):
    world, memory = http_world, http_world.bot.memory
    number = world.claim_in(Status.DRAFT)
    files = {name: text.replace("modern-work", "work") for name, text in memory.programme.files.items()}
    publish(memory.database, files, "Petra Programme", memory.clock(), memory.clock())
    world.clock.advance(FRESH)

    ana = world.person("Ana")
    ana.command(f"/claim edit {number}", "C0CONTOSO")
    form = world.form("Ana")
    assert form.values["Solution area"] is None
    form.fill({"Solution area": FIRST["Solution area"]})
    world.turn_page("Ana", {"Partner role": FIRST["Partner role"]})
    assert world.claim(number).solution_area == "work"


def test_a_draft_is_discarded_only_after_a_confirmation(http_world: World):
    number = http_world.claim_in(Status.DRAFT)
    ana, card = http_world.person("Ana"), http_world.card("Ana", "C0CONTOSO")
    assert "This cannot be undone." in str(ana.confirmation("Discard draft", card))
    ana.press("Discard draft", card, confirm=False)
    http_world.settle()
    assert http_world.claim(number).discarded_at is None

    ana.press("Discard draft", card)
    http_world.settle()
    card = http_world.card("Ana", "C0CONTOSO")
    assert "This draft was discarded." in card.visible_text
    assert card.buttons == []
    assert "There are no claims yet" in ana.command("/claim list", "C0CONTOSO").text
    assert http_world.history(number)[-1] == "discard"


@pytest.mark.parametrize("page", [0, 1, 3])
def test_the_form_of_a_claim_that_somebody_discarded_says_so_and_still_shows_what_was_typed(
    http_world: World, page: int
):
    http_world.claim_in(Status.DRAFT)
    ivo = http_world.person("Ivo")
    ivo.command("/claim edit CL-000001", "C0CONTOSO")
    for _ in range(page):
        http_world.turn_page("Ivo", {})
    ana = http_world.person("Ana")
    ana.press("Discard draft", http_world.card("Ana", "C0CONTOSO"))
    label = http_world.form("Ivo").labels[0 if page < 3 else -1]
    before = http_world.form("Ivo").values
    http_world.turn_page("Ivo", {})

    form = http_world.form("Ivo")
    assert form.title == "That did not work"
    assert "There is no claim CL-000001 that you can see." in form.text
    form.close()
    assert http_world.form("Ivo").values[label] == before[label]
