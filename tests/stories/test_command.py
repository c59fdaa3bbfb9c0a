"""The slash command: every word of it, with and without a number, and whatever else people type behind it."""

from __future__ import annotations

import pytest

from bot.commands import TABLE
from rules.lifecycle import Status
from sandbox.objects import Message
from tests.cast import DIRECTORY, claim_in
from tests.stories.world import World

HERE = "C0CONTOSO"


def answer(world: World, text: str, who: str = "Ana", channel: str = HERE) -> str:
    """What somebody alone reads after a command."""
    return message(world, text, who, channel).visible_text


def message(world: World, text: str, who: str = "Ana", channel: str = HERE) -> Message:
    """What somebody alone is answered: within the acknowledgement, or right after it."""
    person = world.person(who)
    reply = person.command(f"/claim {text}".strip(), channel).message or person.ephemerals[-1]
    assert reply.ephemeral
    return reply


def numbers_in(text: str) -> list[str]:
    """The claims that are listed."""
    return [line.split(" ")[0] for line in text.splitlines() if line.startswith("CL-")]


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
        title, explained, *points = answer(http_world, f"help {word.word.upper()}").splitlines()
        assert title == f"/claim {word.usage}"
        assert explained == f"{word.does} {word.more}".strip()
        assert tuple(points) == word.points


def test_an_unknown_word_is_answered_with_the_nearest_one(http_world: World):
    help_ = "/claim help lists what there is."
    assert answer(http_world, "sumbit") == f"There is no “sumbit”. Did you mean /claim submit? {help_}"
    assert answer(http_world, "LISTE") == f"There is no “LISTE”. Did you mean /claim list? {help_}"
    assert answer(http_world, "qqqq") == f"There is no “qqqq”. {help_}"
    assert answer(http_world, "<b>&amp; co") == f"There is no “<b>&amp;”. {help_}"


def test_a_line_break_parts_words_as_a_space_does(http_world: World):
    number = http_world.claim_in(Status.DRAFT)
    assert number in answer(http_world, "list\nstatus:draft")
    assert number in answer(http_world, f"show\t{number}")


def test_nobody_is_sent_to_file_a_claim_who_may_not(http_world: World):
    none = "There are no claims yet that you can see."
    assert answer(http_world, "list", "Rosa", "C0REVIEW") == f"{none} What partners submit appears here."
    listed = "Only members of a partner can file claims, and you are not listed as one."
    assert answer(http_world, "list", "Zed", "C0TOWN") == f"{none} {listed}"
    assert "needs one of these roles" in answer(http_world, "list", "Bill")


def test_what_only_a_button_does_is_answered_with_where_the_button_is(http_world: World):
    approve = (
        "“Approve” is a button for reviewers: on the claim's card, and below /claim show CL-000001. "
        "In the card's thread, @claimbot help says how to write it."
    )
    for typed in ("approve CL-000001", "aprove 1", "APPROVE cl-1 please"):
        assert answer(http_world, typed, "Rosa", "C0REVIEW") == approve
    for typed, label in {"request": "Request information", "reject": "Reject", "help approve": "Approve"}.items():
        assert answer(http_world, typed).startswith(f"“{label}” is a button for reviewers: on the claim's card")
    discard = "“Discard draft” is a button for partners: on the claim's card, and below /claim show CL-000123."
    assert answer(http_world, "discard") == discard


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
        assert numbers_in(answer(http_world, f"list {filters}")) == numbers, filters


def test_a_filter_that_cannot_be_followed_says_what_would_do(http_world: World):
    http_world.claim_in(Status.DRAFT)
    for filters, said in {
        "status:lost": "There is no status “lost”. There are, for example, Draft, Submitted, Under review,",
        "status:aproved": "There is no status “aproved”. Did you mean “Approved”?",
        "status:": "“status:” needs a value, for example status:approved",
        "staus:approved": "There is no filter “staus:”. Did you mean status:approved?",
        "sort:-deu": "There is no column to sort by “deu”. Did you mean “due”?",
        "due:tody": "“tody” is no date to be due. Did you mean “today”?",
        "due:<31.12.2026": "“31.12.2026” is no day. Write it as in 2026-12-31",
        "product:exchnage": "There is no product “exchnage”. Did you mean “Exchange”?",
    }.items():
        said_now = answer(http_world, f"list {filters}")
        assert said in said_now, filters
        assert said_now.endswith("/claim help list explains the filters."), filters


def test_where_nothing_fits_it_is_said_what_less_would_find(http_world: World):
    for _ in range(3):
        http_world.claim_in(Status.DRAFT)
    said = answer(http_world, "list status:approved customer:northwind teams")
    assert said == (
        "No claim that you can see fits status:Approved customer:northwind teams. "
        "There are 3 claims without status:Approved."
    )
    assert answer(http_world, "list xyzzy").endswith("Try fewer words, or only the beginning of a word.")
    assert answer(http_world, "list xyzzy", "Bo", "C0FABRIKAM").endswith("or only the beginning of a word.")


def test_a_list_is_a_table_that_says_what_was_asked_and_where_in_it_one_is(http_world: World):
    first = http_world.claim_in(Status.UNDER_REVIEW, customer_name="Łódź <!channel>")
    http_world.claim_in(Status.DRAFT)
    page = message(http_world, "list lodz sort:-due status:review")
    assert [block["type"] for block in page.blocks] == ["header", "context", "table", "actions"]
    assert '1 of 1 · status:"Under review" sort:-due lodz' in page.visible_text
    heads, row = ([cell["text"] for cell in cells] for cells in page.blocks[2]["rows"])
    assert heads == ["Claim", "Name", "Customer", "Status", "Limit", "Reviewer"]
    assert row[:4] == [first, "Northwind: Teams 2026", "Łódź <!channel>", "Under review"]
    assert row[5] == "Rosa Review"
    seen = message(http_world, "list", "Rosa", "C0REVIEW").blocks[2]["rows"]
    assert [seen[0][3]["text"], seen[1][3]["text"]] == ["Partner", "Contoso Consulting"]


def test_a_claim_of_the_table_is_opened_from_the_menu_below_it(http_world: World):
    http_world.claim_in(Status.DRAFT)
    ana = http_world.person("Ana")
    ana.choose("Open a claim", "CL-000001 · Northwind: Teams 2026", message(http_world, "list"))
    assert ana.ephemerals[-1].visible_text.startswith("CL-000001 · Northwind: Teams 2026\nDraft since")


def test_a_workspace_without_tables_gets_the_list_in_sections(http_world: World):
    number = http_world.claim_in(Status.DRAFT)
    http_world.sandbox.faults.refuse("response_url", "invalid_blocks")
    page = message(http_world, "list")
    assert [block["type"] for block in page.blocks] == ["header", "context", "section"]
    assert numbers_in(page.visible_text) == [number]
    assert page.buttons == ["Details"]


def test_a_workspace_that_has_drawn_a_table_gets_the_next_at_once(http_world: World):
    number = http_world.claim_in(Status.DRAFT)
    ana = http_world.person("Ana")
    first, second = (ana.command("/claim list", "C0CONTOSO").message for _ in range(2))
    assert first is None
    assert second is not None
    beside, within = ana.ephemerals
    assert beside.visible_text == within.visible_text
    assert numbers_in(second.visible_text) == [number]
    assert "table" in [block["type"] for block in second.blocks]


def test_pages_take_each_others_place_and_are_asked_for_anew(http_world: World):
    for _ in range(23):
        claim_in(http_world.bot.memory, Status.DRAFT)
    http_world.settle()
    ana = http_world.person("Ana")
    page = message(http_world, "list status:draft sort:number")
    ways = ["Next page", "Next page", "Previous page", "Next page"]
    seen = [numbers_in(page.visible_text)]
    for way in ways:
        ana.press(way, page)
        seen.append(numbers_in(ana.ephemerals[-1].visible_text))
    every = [f"CL-{one:06d}" for one in range(1, 24)]
    assert seen == [every[:10], every[10:20], every[20:], every[10:20], every[20:]]
    assert len(ana.ephemerals) == 1
    assert "21–23 of 23" in ana.ephemerals[-1].visible_text
    http_world.know(DIRECTORY.replace("- {slack: U0ANA", "- {slack: U0ANNA"))
    ana.press("Previous page", page)
    assert numbers_in(ana.ephemerals[-1].visible_text) == []


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
        assert numbers_in("\n".join(shown)) == [
            number for number, status in reversed(numbers.items()) if status in statuses
        ], word


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
