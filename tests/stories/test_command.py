"""The slash command: every word of it, with and without a number, and whatever else people type behind it."""

from __future__ import annotations

import pytest

from bot.commands import TABLE
from rules.lifecycle import Status
from tests.stories.world import World

HERE = "C0CONTOSO"


def answer(world: World, text: str, who: str = "Ana", channel: str = HERE) -> str:
    """What somebody alone reads after a command."""
    reply = world.person(who).command(f"/claim {text}".strip(), channel)
    assert reply.ephemeral
    return reply.text


def test_the_bare_command_answers_with_a_menu_whose_buttons_work(http_world: World):
    ana = http_world.person("Ana")
    menu = ana.command("/claim", HERE).message
    assert menu is not None
    assert menu.ephemeral
    assert menu.buttons == ["New claim", "My claims", "Help"]
    ana.press("Help", menu)
    ana.press("My claims", menu)
    help_, claims = ana.ephemerals[-2:]
    assert "What you can do with claims" in help_.visible_text
    assert "There are no claims yet that you can see. /claim new files one." in claims.visible_text


def test_help_names_every_word_and_its_use(http_world: World):
    text = answer(http_world, "help")
    for word in TABLE:
        assert f"/claim {word.usage}" in text
        assert word.does in text


def test_help_explains_each_word(http_world: World):
    for word in TABLE:
        title, explained = answer(http_world, f"help {word.word.upper()}").splitlines()
        assert title == f"/claim {word.usage}"
        assert explained == f"{word.does} {word.more}".strip()


def test_an_unknown_word_is_answered_with_the_nearest_one(http_world: World):
    help_ = "/claim help lists what there is."
    assert answer(http_world, "sumbit") == f"There is no “sumbit”. Did you mean /claim submit? {help_}"
    assert answer(http_world, "LISTE") == f"There is no “LISTE”. Did you mean /claim list? {help_}"
    assert answer(http_world, "qqqq") == f"There is no “qqqq”. {help_}"
    assert answer(http_world, "<b>&amp; co") == f"There is no “<b>&amp;”. {help_}"


def test_too_long_a_text_is_answered_in_a_sentence(http_world: World):
    assert answer(http_world, "new " + "x" * 2000) == "That is longer than 2,000 characters. Try /claim help"


def test_a_claim_is_shown_by_its_number_however_it_is_written(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    for typed in ("1", "CL-000001", "cl-1", "show CL-000001", "show 1", "SHOW cl-000001 please"):
        text = answer(http_world, typed)
        assert text.startswith("CL-000001 · Northwind: Teams 2026\nSubmitted since")
        for shown in ("Customer contact e-mail: cara@northwind.com", "Products: Exchange, Teams", "proof.pdf (1 KB)"):
            assert shown in text


@pytest.mark.parametrize(("who", "channel"), [("Bo", "C0FABRIKAM"), ("Mia", "C0MUNICH"), ("Zed", "C0TOWN")])
def test_a_hidden_claim_is_spoken_of_in_the_same_words_as_a_missing_one(http_world: World, who: str, channel: str):
    http_world.claim_in(Status.DRAFT)
    for word in ("", "show ", "edit ", "submit ", "withdraw ", "dispute ", "disassociate "):
        hidden = answer(http_world, f"{word}cl-1", who, channel)
        missing = answer(http_world, f"{word}cl-2", who, channel)
        assert hidden == "There is no claim CL-000001 that you can see."
        assert missing == hidden.replace("1", "2")
    assert http_world.person(who).form is None


def test_a_reviewer_sees_a_claim_only_once_it_was_submitted(http_world: World):
    http_world.claim_in(Status.DRAFT)
    http_world.claim_in(Status.SUBMITTED)
    assert "CL-000001" not in answer(http_world, "list", "Rosa", "C0REVIEW")
    assert "CL-000002" in answer(http_world, "list", "Rosa", "C0REVIEW")
    assert "There is no claim CL-000001" in answer(http_world, "show 1", "Rosa", "C0REVIEW")


def test_a_list_is_filtered_by_status_however_it_is_written(http_world: World):
    draft, submitted, reviewed = map(http_world.claim_in, (Status.DRAFT, Status.SUBMITTED, Status.UNDER_REVIEW))
    for filters, numbers in {
        "": [reviewed, submitted, draft],
        "status:draft": [draft],
        "status:Submitted": [submitted],
        'status:"under review"': [reviewed],
        "status:under-review": [reviewed],
        "status:under": [reviewed],
        "status:draft status:submitted": [submitted, draft],
    }.items():
        shown = answer(http_world, f"list {filters}")
        assert [line.split(" ")[0] for line in shown.splitlines() if line.startswith("CL-")] == numbers, filters


def test_a_filter_that_cannot_be_followed_says_what_would_do(http_world: World):
    http_world.claim_in(Status.DRAFT)
    for filters, said in {
        "status:lost": "There is no status “lost”. The statuses are: Draft, Submitted, Under review,",
        "status:rejected status:re": "There is no status “re”.",
        "status:": "“status:” is no filter. Try: /claim list status:approved",
        "colour:red": "“colour:red” is no filter. Try: /claim list status:approved",
        "status:approved": "There are none like that.",
    }.items():
        assert said in answer(http_world, f"list {filters}"), filters


def test_more_than_ten_claims_are_paged_newest_first(http_world: World):
    for _ in range(23):
        http_world.claim_in(Status.DRAFT)
    ana = http_world.person("Ana")
    page = ana.command("/claim list status:draft", HERE).message
    seen: list[list[str]] = []
    while page is not None:
        seen.append([line.split(" ")[0] for line in page.visible_text.splitlines() if line.startswith("CL-")])
        more = "Next page" in page.buttons
        if more:
            ana.press("Next page", page)
        page = ana.ephemerals[-1] if more else None
    assert [len(numbers) for numbers in seen] == [10, 10, 3]
    assert [number for numbers in seen for number in numbers] == [f"CL-{one:06d}" for one in range(23, 0, -1)]


def test_details_in_a_list_open_that_claim(http_world: World):
    for name in ("Northwind", "Southwind"):
        http_world.claim_in(Status.DRAFT, claim_name=name)
    ana = http_world.person("Ana")
    shown = ana.command("/claim list customer", HERE)
    assert "is no filter" in shown.text
    page = ana.command("/claim edit", HERE).message
    assert page is not None
    assert page.buttons == ["Details", "Details"]


def test_a_word_without_a_number_lists_where_it_is_possible(http_world: World):
    numbers = {http_world.claim_in(status): status for status in Status}
    for word, title, statuses in (
        ("show", "Claims", list(Status)),
        ("edit", "Claims: Edit", [Status.DRAFT, Status.ACTION_REQUIRED]),
        ("submit", "Claims: Submit for review", [Status.DRAFT, Status.ACTION_REQUIRED]),
        ("withdraw", "Claims: Withdraw", [Status.SUBMITTED, Status.UNDER_REVIEW, Status.ACTION_REQUIRED]),
        ("dispute", "Claims: Dispute", [Status.REJECTED]),
        ("disassociate", "Claims: Disassociate customer", [Status.APPROVED]),
    ):
        shown = answer(http_world, word).splitlines()
        assert shown[0] == title
        listed = [line.split(" ")[0] for line in shown if line.startswith("CL-")]
        assert listed == [number for number, status in reversed(numbers.items()) if status in statuses], word


@pytest.mark.parametrize(
    ("word", "status", "title"),
    [
        ("new", None, "New claim (1 of 4)"),
        ("edit", Status.DRAFT, "CL-000001 (1 of 4)"),
        ("edit", Status.ACTION_REQUIRED, "Edit CL-000001"),
        ("submit", Status.DRAFT, "Submit for review"),
        ("submit", Status.ACTION_REQUIRED, "Resubmit"),
        ("withdraw", Status.UNDER_REVIEW, "Withdraw"),
        ("dispute", Status.REJECTED, "Dispute"),
        ("disassociate", Status.APPROVED, "Disassociate customer"),
    ],
)
def test_a_word_with_a_number_opens_its_form(http_world: World, word: str, status: Status | None, title: str):
    number = http_world.claim_in(status) if status else ""
    http_world.person("Ana").command(f"/claim {word} {number}", HERE)
    assert http_world.form("Ana").title == title


def test_a_word_that_the_status_does_not_allow_says_when_it_is_possible(http_world: World):
    http_world.claim_in(Status.REJECTED_FINAL)
    for word in ("edit", "submit", "withdraw", "dispute", "disassociate"):
        said = answer(http_world, f"{word} 1")
        assert said.startswith("CL-000001 is Rejected final."), word
        assert "is possible while a claim is" in said
