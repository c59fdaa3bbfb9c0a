"""What is said to claimbot in a thread: what is clear is understood, and nothing that was not said ever is."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.conversations.spoken import addressed, first_word, meant, nearest, recognised
from rules.loading import load_programme

REASONS = load_programme().reasons
REJECT, ASK = REASONS.for_reviewers, REASONS.information
LETTERS = re.compile(r"[^a-z0-9]+")


def ids(reasons) -> list[str]:
    return [one.id for one in reasons]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<@U0BOT> approve", " approve"),
        ("  <@U0BOT|claimbot> status", " status"),
        ("<@U0BOT>", ""),
        ("I asked <@U0BOT> to approve", None),
        ("<@U0ANA> <@U0BOT> approve", None),
        ("approve <@U0BOT>", None),
        ("<@U0BOTS> approve", None),
        ("@claimbot approve", None),
    ],
)
def test_only_what_begins_with_its_name_is_said_to_the_bot(text: str, said: str | None):
    assert addressed(text, "U0BOT") == said


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        (" approve", "approve", ""),
        ("  Approve!", "approve", "!"),
        (", STATUS?", "status", "?"),
        (" reject: the file is blank", "reject", ": the file is blank"),
        (" ask missing products: which?", "ask", "missing products: which?"),
        ("", "", ""),
        (" … ", "", "…"),
    ],
)
def test_the_first_word_is_found_whatever_stands_around_it(text: str, word: str, rest: str):
    assert first_word(text) == (word, rest)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("missing-products", "missing-products"),
        ("Missing products", "missing-products"),
        ("MISSING  PRODUCTS.", "missing-products"),
        ("poe_unavailable", "poe-unavailable"),
        ("“PoE unavailable”", "poe-unavailable"),
        ("insuff", "insufficient-proof"),
        ("Insufficient proof of execution", "insufficient-proof"),
        ("missing customer", "missing-customer-consent"),
        ("missing", None),  # two begin like that
        ("in", None),  # too short to be meant
        ("customer declined", None),  # the customer's to give
        ("products", None),  # a word of it is no beginning
        ("", None),
        ("…", None),
    ],
)
def test_a_reason_is_known_by_id_label_or_a_beginning_that_fits_no_other(said: str, reason: str | None):
    found = recognised(said, REJECT)
    assert (found.id if found else None) == reason


@pytest.mark.parametrize(
    ("text", "reasons", "message"),
    [
        ("missing products: which?", ["missing-products"], "which?"),
        ("missing products\nWhich ones?\nAll: please", ["missing-products"], "Which ones?\nAll: please"),
        ("missing products, missing or old dates: page 2", ["missing-products", "missing-or-old-dates"], "page 2"),
        ("Missing all PoE and missing products: both", ["missing-all-poe", "missing-products"], "both"),
        (
            "missing or old, and missing partner solution/service: see below",
            ["missing-or-old-dates", "missing-partner-solution"],
            "see below",
        ),
        ("missing products; missing products: once", ["missing-products"], "once"),
        (
            "missing-customer-acknowledgment & missing-products: a: b",
            ["missing-customer-acknowledgment", "missing-products"],
            "a: b",
        ),
    ],
)
def test_several_reasons_stand_between_commas_or_and(text: str, reasons: list[str], message: str):
    said = meant(text, ASK, many=True)
    assert (ids(said.reasons), said.message, said.clear) == (reasons, message, True)


@pytest.mark.parametrize(
    ("text", "near", "kept"),
    [
        # What was misspelt: the nearest, and the message is kept.
        ("insuficient prof: the scan is blank", ["insufficient-proof"], "the scan is blank"),
        # What might be several: each of them.
        ("missing: no signature", ["missing-customer-consent", "missing-products"], "no signature"),
        # A colon left out: the reason it begins with, and the rest is the message.
        ("poe unavailable the file is broken", ["poe-unavailable"], "the file is broken"),
        # Nothing like a reason: all that was typed may be the message.
        ("xyzzy qqqq: please rescan", [], "xyzzy qqqq: please rescan"),
        ("xyzzy qqqq", [], "xyzzy qqqq"),
        # One reason at a time can be given.
        ("missing products, poe unavailable: both", ["missing-products", "poe-unavailable"], "both"),
    ],
)
def test_what_is_unclear_comes_back_with_the_nearest_and_with_all_that_was_typed(text: str, near: list[str], kept: str):
    said = meant(text, REJECT, many=False)
    assert not said.clear
    assert said.reasons == ()
    assert ids(said.near)[: len(near)] == near
    assert bool(said.near) == bool(near)
    assert said.kept == kept


@pytest.mark.parametrize(
    ("text", "reasons", "kept"), [("missing products", ["missing-products"], ""), ("", [], ""), (": why", [], "why")]
)
def test_without_a_reason_or_a_message_it_is_not_clear(text: str, reasons: list[str], kept: str):
    said = meant(text, REJECT, many=False)
    assert (ids(said.reasons), said.kept, said.clear, said.unclear) == (reasons, kept, False, False)


def test_of_several_reasons_those_that_were_understood_are_kept_beside_the_unclear_one():
    said = meant("missing products, old dats: page 2", ASK, many=True)
    assert ids(said.reasons) == ["missing-products"]
    assert said.near[0].id == "missing-or-old-dates"
    assert (said.unclear, said.kept) == (True, "page 2")


SAID = st.text() | st.lists(
    st.sampled_from([*ids(ASK), *(one.label for one in ASK), *"mpi,;:&\n", " and ", "and", " ", "missing", "proof"])
).map("".join)


@given(SAID, st.booleans())
@example("and", True)
@example(",:,", True)
@example("ß: ﬁ", False)
def test_nothing_that_is_said_is_an_error_and_no_reason_is_invented(text: str, many: bool):
    said = meant(text, ASK, many=many)
    assert set(said.reasons) <= set(ASK)
    assert set(said.near) <= set(ASK)
    letters = LETTERS.sub(" ", text.casefold())
    for reason in said.reasons:
        begins = {LETTERS.sub(" ", name.casefold())[:3] for name in (reason.id, reason.label)}
        assert any(begin in letters for begin in begins), "a reason comes from words that were said"
    if said.clear:
        assert said.message
        assert not said.near
        assert said.message in text
    if not many:
        assert len(said.reasons) <= 1


@given(SAID)
def test_whatever_is_said_keeps_its_words(text: str):
    said = meant(text, REJECT, many=False)
    if said.message:
        assert said.kept.endswith(said.message)


@given(st.text(), st.text(max_size=12))
def test_reading_a_message_never_fails(text: str, bot: str):
    rest = addressed(text, bot)
    word, _ = first_word(rest if rest is not None else text)
    assert word == word.casefold()
    assert len(nearest(text, ASK)) <= 3
