"""The customer: told by mail, and able to opt out by a page; and what the others see of that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from models.database import Database
from models.operations import reviewing, settling
from rules.lifecycle import Status
from rules.loading import SHIPPED
from tests.cast import WHO
from tests.post_office import PostOffice, html_of, post_office, text_of
from tests.stories.customers import (
    ANA,
    CARA,
    END_OF_WINDOW,
    PARTNER,
    REVIEWERS,
    SECOND,
    consents,
    link_in,
    mail_world,
    opt_out,
    review_card,
)
from tests.stories.world import World, world_of
from tests.visitor import visit

__all__ = ["mail_world", "post_office"]


@pytest.fixture
def early_world(database: Database, tmp_path: Path, post_office: PostOffice) -> Iterator[World]:
    """A programme that writes to customers at submission already."""
    rules = tmp_path / "rules"
    copytree(SHIPPED, rules)
    notice = rules / "notice.yaml"
    text = notice.read_text(encoding="utf-8")
    head, offered, rule = text.partition("  # - id: customer-hears-of-claim")
    assert offered, "the rule that staff take the # off"
    notice.write_text(head + (offered + rule).replace("  # ", "  "), "utf-8")
    with world_of(database, tmp_path, smtp_url=post_office.url, rules=rules) as world:
        yield world


# -- the usual way -----------------------------------------------------------------------------------------------------


def test_a_customer_is_told_opts_out_and_everybody_hears_of_it(mail_world: World, post_office: PostOffice):
    number = mail_world.claim_in(Status.UNDER_REVIEW)
    assert post_office.received == []
    mail_world.person("Rosa").press("Approve", mail_world.card("Rosa", REVIEWERS))
    mail_world.settle()
    [notice] = post_office.received
    assert str(notice["To"]) == "Cara Customer <cara@northwind.com>"
    assert "could not be reached" not in review_card(mail_world)

    offer = visit(link_in(notice))
    assert offer.status == 200
    asked = offer.press("Opt out", reason="We work with\nsomebody else.")
    assert "Nothing has happened yet." in asked.text
    assert mail_world.claim(number).status is Status.APPROVED
    done = asked.press("Yes, opt out")
    assert (done.status, "You have opted out" in done.text) == (200, True)
    mail_world.settle()

    for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
        card = mail_world.card(who, channel).visible_text
        assert "Rejected since" in card
        assert "Reason: Customer declined." in card
        assert "We work with\nsomebody else." in card
        assert "opted out" in mail_world.thread(who, channel)[-1]
    [_, confirmation] = post_office.to(CARA)
    assert confirmation["Subject"] == f"You opted out of the association with Contoso Consulting ({number})"
    assert "> We work with\n> somebody else." in text_of(confirmation)
    [rejection] = post_office.to(ANA)
    assert "Reason: Customer declined." in text_of(rejection)
    assert "The customer wrote:\n\n> We work with\n> somebody else." in text_of(rejection)


def test_mail_and_page_say_the_same_of_who_asks_what_for_what_is_seen_and_until_when(
    mail_world: World, post_office: PostOffice
):
    mail_world.claim_in(Status.APPROVED)
    [notice] = post_office.received
    page = visit(link_in(notice))
    plain = " ".join(text_of(notice).split())
    rendered = " ".join(re.sub("<[^>]+>", " ", html_of(notice)).replace("&lt;", "<").replace("&gt;", ">").split())
    for shown in (plain, rendered, page.text):
        for fact in (
            "Contoso Consulting",
            "Berlin (partner ID 4711001)",
            "Ana Admin",
            "ana@contoso.com",
            "Northwind Traders (northwind.com)",
            "Modern Work and Security Usage",
            "Use or consume",
            "Exchange, Teams",
            "Wednesday, 25 November 2026",
            "Los Angeles time (America/Los_Angeles)",
            "You do not have to do anything to accept.",
            "how much the products above are used, and how many seats of them were sold",
            "Any other data of yours.",
        ):
            assert fact in shown
        for secret in ("8f2c1a54", "proof", "Rosa"):
            assert secret not in shown


def test_a_mail_is_text_and_html_asks_for_no_answer_and_loads_nothing(mail_world: World, post_office: PostOffice):
    mail_world.claim_in(Status.APPROVED)
    [notice] = post_office.received
    assert notice.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in notice.iter_parts()] == ["text/plain", "text/html"]
    assert str(notice["From"]) == "Example programme <claims@example.com>"
    assert post_office.envelopes[0].mail_from == "claims@example.com"
    assert notice["Auto-Submitted"] == "auto-generated"
    assert notice["Date"].datetime == mail_world.clock()
    html = html_of(notice)
    for foreign in ("<img", "src=", "url(", "@import", "<script", "<table"):
        assert foreign not in html


def test_only_the_hash_of_a_token_is_kept(mail_world: World, post_office: PostOffice):
    mail_world.claim_in(Status.APPROVED)
    token = link_in(post_office.received[0]).rpartition("/")[2]
    assert len(token) >= 43
    [consent] = consents(mail_world)
    assert token not in repr(vars(consent))
    assert (consent.due_at, consent.spent_at) == (END_OF_WINDOW, None)


# -- the page ----------------------------------------------------------------------------------------------------------


def test_opening_the_link_changes_nothing_however_often_and_however_it_is_asked(
    mail_world: World, post_office: PostOffice
):
    number = mail_world.claim_in(Status.APPROVED)
    link, history = link_in(post_office.received[0]), mail_world.history(number)
    for method in ("GET", "GET", "HEAD"):
        assert visit(link, method=method).status == 200
    assert visit(link, method="OPTIONS").status == 405
    assert visit(link, {}).status == 200, "a form of somebody else's making only asks"
    mail_world.settle()
    assert (mail_world.claim(number).status, mail_world.history(number)) == (Status.APPROVED, history)
    assert [one.spent_at for one in consents(mail_world)] == [None]


def test_the_page_keeps_to_itself(mail_world: World, post_office: PostOffice):
    mail_world.claim_in(Status.APPROVED)
    page = visit(link_in(post_office.received[0]))
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Set-Cookie"] is None
    assert "<script" not in page.html
    assert '<html lang="en">' in page.html


def test_what_was_written_survives_going_back_and_being_too_long(mail_world: World, post_office: PostOffice):
    number = mail_world.claim_in(Status.APPROVED)
    page = visit(link_in(post_office.received[0]))
    long = "ä" * 3001
    again = page.press("Opt out", reason=long)
    assert (again.status, again.fields["reason"]) == (422, long)
    assert "Please shorten this to 3,000 characters; it has 3,001." in again.text
    assert page.press("Opt out", reason="  \n").press("Go back").fields["reason"] == ""
    asked = page.press("Opt out", reason='Two\nlines & "more"')
    assert asked.press("Go back").fields["reason"].replace("\r\n", "\n") == 'Two\nlines & "more"'
    assert asked.press("Yes, opt out", reason=long).status == 422
    assert mail_world.claim(number).status is Status.APPROVED


def test_a_post_that_is_absurdly_large_or_comes_from_another_website_is_refused(
    mail_world: World, post_office: PostOffice
):
    number = mail_world.claim_in(Status.APPROVED)
    link = link_in(post_office.received[0])
    confirm = {"step": "confirm"}
    large = visit(link, {**confirm, "reason": "x" * 100_001})
    assert (large.status, "too much text" in large.text) == (413, True)
    foreign = visit(link, confirm, Sec_Fetch_Site="cross-site")
    assert (foreign.status, "another website" in foreign.text) == (403, True)
    assert mail_world.claim(number).status is Status.APPROVED
    assert visit(link, confirm, Sec_Fetch_Site="same-origin").status == 200
    assert mail_world.claim(number).status is Status.REJECTED


@pytest.mark.parametrize("token", ["x", "A" * 43, "..%2f..", "%00", "%F0%9F%92%A9", "a" * 2000])
def test_an_unknown_link_says_so_and_tells_nothing(mail_world: World, post_office: PostOffice, token: str):
    number = mail_world.claim_in(Status.APPROVED)
    base = link_in(post_office.received[0]).rpartition("/")[0]
    for page in (visit(f"{base}/{token}"), visit(f"{base}/{token}", {"step": "confirm"})):
        assert (page.status, page.buttons) == (404, {})
        if token != "..%2f..":  # no address of ours at all
            assert "This link is not known here" in page.text
        for told in (number, "Contoso", "Northwind", "Example programme", "Cara"):
            assert told not in page.html


def test_a_spent_link_says_so_and_pressing_twice_is_calm(mail_world: World, post_office: PostOffice):
    number = mail_world.claim_in(Status.APPROVED)
    page = visit(link_in(post_office.received[0]))
    asked = page.press("Opt out")
    first, second = asked.press("Yes, opt out"), asked.press("Yes, opt out")
    assert (first.status, first.text) == (second.status, second.text) == (200, first.text)
    again = visit(page.url)
    assert (again.status, again.buttons) == (410, {})
    assert "You have already opted out" in again.text
    assert "Wednesday, 18 November 2026" in again.text
    assert page.press("Opt out").status == 410
    assert mail_world.history(number).count("opt_out") == 1
    mail_world.settle()
    assert len(post_office.to(CARA)) == 2, "one notice, one confirmation"


def test_a_late_link_says_so_before_and_after_the_association_is_official(mail_world: World, post_office: PostOffice):
    number = mail_world.claim_in(Status.APPROVED)
    page = visit(link_in(post_office.received[0]))
    mail_world.clock.set(END_OF_WINDOW - SECOND)
    asked = page.press("Opt out")
    assert asked.status == 200
    mail_world.clock.set(END_OF_WINDOW)
    for _ in range(2):
        for late in (visit(page.url), asked.press("Yes, opt out")):
            assert (late.status, late.buttons) == (410, {})
            assert "The time to opt out is over" in late.text
            assert "until the end of Wednesday, 25 November 2026, Los Angeles time" in late.text
        if mail_world.claim(number).associated_at is None:
            settling.associate(mail_world.bot.memory, number)
    assert mail_world.claim(number).status is Status.APPROVED


def test_the_last_second_is_in_time(mail_world: World, post_office: PostOffice):
    number = mail_world.claim_in(Status.APPROVED)
    page = visit(link_in(post_office.received[0]))
    mail_world.clock.set(END_OF_WINDOW - SECOND)
    assert opt_out(page).status == 200
    assert mail_world.claim(number).status is Status.REJECTED


def test_the_link_of_a_claim_that_is_not_approved_any_more_says_so(mail_world: World, post_office: PostOffice):
    number = mail_world.claim_in(Status.APPROVED)
    page = visit(link_in(post_office.received[0]))
    asked = page.press("Opt out")
    settling.disassociate(mail_world.bot.memory, WHO["Bill"], number, "They left us.")
    for ended in (visit(page.url), asked.press("Yes, opt out")):
        assert (ended.status, ended.buttons) == (410, {})
        assert "There is nothing to opt out of any more" in ended.text
        assert "They left us." not in ended.html


def test_after_a_dispute_the_customer_is_asked_again_with_a_link_of_its_own(mail_world: World, post_office: PostOffice):
    number = mail_world.claim_in(Status.APPROVED)
    first = visit(link_in(post_office.received[0]))
    opt_out(first)
    memory = mail_world.bot.memory
    settling.dispute(memory, WHO["Bill"], number, "A misunderstanding.")
    mail_world.settle()
    reviewing.approve(memory, WHO["Remy"], number)
    mail_world.settle()
    again = link_in(post_office.to(CARA)[-1])
    assert again != first.url
    old = visit(first.url)
    assert (old.status, "another mail, with a link of its own" in old.text) == (410, True)
    assert visit(first.url, {"step": "confirm"}).status == 410
    assert opt_out(visit(again)).status == 200
    mail_world.settle()
    assert "cannot be disputed again" in text_of(post_office.to(ANA)[-1])


def test_a_programme_may_tell_the_customer_at_submission_already(early_world: World, post_office: PostOffice):
    number = early_world.claim_in(Status.SUBMITTED)
    [announcement] = post_office.received
    assert "Nothing is decided yet." in text_of(announcement)
    early = visit(link_in(announcement))
    assert (early.status, early.buttons) == (200, {})
    assert "Nothing is decided yet" in early.text
    assert visit(early.url, {"step": "confirm"}).status == 200
    assert early_world.claim(number).status is Status.SUBMITTED
    reviewing.start_review(early_world.bot.memory, WHO["Rosa"], number)
    reviewing.approve(early_world.bot.memory, WHO["Rosa"], number)
    early_world.settle()
    [_, notice] = post_office.received
    assert "until the end of Wednesday, 25 November 2026" in text_of(notice)
    assert opt_out(visit(early.url)).status == 200
    assert visit(link_in(notice)).status == 410
