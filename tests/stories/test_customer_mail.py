"""Mail: rejections to the partner contact, what does not arrive, and text that means harm."""

from __future__ import annotations

from datetime import datetime

import pytest

from models.operations import reviewing, settling
from rules.lifecycle import Status
from tests.cast import LOS_ANGELES, WHO
from tests.post_office import PostOffice, html_of, post_office, text_of
from tests.stories.customers import (
    ANA,
    CARA,
    END_OF_WINDOW,
    PARTNER,
    consents,
    link_in,
    mail_world,
    review_card,
)
from tests.stories.world import World
from tests.visitor import visit

__all__ = ["mail_world", "post_office"]


# -- mail to the partner -----------------------------------------------------------------------------------------------


def test_a_rejection_tells_the_partner_contact_why_where_and_how_to_dispute(mail_world: World, post_office: PostOffice):
    number = mail_world.claim_in(Status.REJECTED)
    [mail] = post_office.received
    text = text_of(mail)
    assert str(mail["To"]) == "Ana Admin <ana@contoso.com>"
    assert mail["Subject"] == f"Claim {number} was rejected: Northwind: Teams 2026"
    for said in (
        "Reason: Insufficient proof of execution. The proof of execution, with what was sent on request",
        "The reviewer wrote:\n\n> The proof names no products.",
        f"/claim show {number}",
        f"{mail_world.sandbox.base_url}/app_redirect?team=T0MAIN&channel=C0CONTOSO",
        "can be disputed once, until the end of Friday, 18 December 2026, Los Angeles time (America/Los_Angeles)",
    ):
        assert said in text
    assert "final" not in text.lower()


def test_a_rejection_after_a_dispute_says_that_it_is_final(mail_world: World, post_office: PostOffice):
    mail_world.claim_in(Status.DISPUTE)
    post_office.received.clear()
    reviewing.reject(mail_world.bot.memory, WHO["Remy"], "CL-000001", "missing-products", "Page 2 names others.")
    mail_world.settle()
    [mail] = post_office.received
    assert str(mail["Subject"]).startswith("Claim CL-000001 was rejected for good")
    assert "this decision is final" in text_of(mail)
    assert "cannot be disputed again" in text_of(mail)
    assert "can be disputed once" not in text_of(mail)


def test_a_partner_who_did_not_answer_is_told_of_the_rejection(mail_world: World, post_office: PostOffice):
    number = mail_world.claim_in(Status.ACTION_REQUIRED)
    mail_world.clock.set(datetime(2026, 12, 10, tzinfo=LOS_ANGELES))
    settling.no_response(mail_world.bot.memory, number)
    mail_world.settle()
    [mail] = post_office.received
    assert "Reason: No partner response." in text_of(mail)
    assert "wrote:" not in text_of(mail)


@pytest.mark.parametrize("wish", ["withdraw", "disassociate"])
def test_what_the_partner_wished_itself_sends_the_partner_no_mail(
    mail_world: World, post_office: PostOffice, wish: str
):
    memory = mail_world.bot.memory
    if wish == "withdraw":
        settling.withdraw(memory, WHO["Ana"], mail_world.claim_in(Status.SUBMITTED), "customer-left")
    else:
        settling.disassociate(memory, WHO["Bill"], mail_world.claim_in(Status.APPROVED), "They left us.")
    mail_world.settle()
    assert mail_world.claim().status in (Status.REJECTED, Status.REJECTED_FINAL)
    assert post_office.to(ANA) == []


# -- what does not arrive ----------------------------------------------------------------------------------------------


def test_a_customer_whose_address_does_not_exist_shows_on_the_review_card_alone(
    mail_world: World, post_office: PostOffice
):
    post_office.answers[CARA] = "550 5.1.1 No such user here."
    number = mail_world.claim_in(Status.APPROVED)
    line = "The customer could not be reached by mail: the mail server refused it: 550 5.1.1 No such user here."
    assert line in review_card(mail_world)
    assert "could not be reached" not in mail_world.card("Ana", PARTNER).visible_text
    assert consents(mail_world) == [], "nobody has that link"
    for _ in range(5):
        mail_world.wait(60)
    assert post_office.received == []
    assert mail_world.claim(number).status is Status.APPROVED


def test_a_server_that_has_trouble_is_tried_again_and_then_the_same_mail_arrives(
    mail_world: World, post_office: PostOffice
):
    post_office.answers[CARA] = "451 4.7.1 Greylisted, please come back later"
    mail_world.claim_in(Status.APPROVED)
    assert "could not be reached" not in review_card(mail_world)
    mail_world.wait(2)
    mail_world.wait(5)
    assert "refused it: 451 4.7.1 Greylisted, please come back later." in review_card(mail_world)
    del post_office.answers[CARA]
    mail_world.wait(60)
    [notice] = post_office.received
    assert "could not be reached" not in review_card(mail_world)
    assert visit(link_in(notice)).status == 200
    assert len(consents(mail_world)) == 1


def test_a_server_that_is_away_holds_up_nothing_in_slack(mail_world: World, post_office: PostOffice):
    post_office.close()
    mail_world.claim_in(Status.APPROVED)
    assert "Approved" in mail_world.card("Ana", PARTNER).visible_text
    for _ in range(4):
        mail_world.wait(10)
    assert "the mail server has not been reached so far" in review_card(mail_world)
    assert visit(f"{mail_world.bot.url}/readyz").status == 200, "it is not this server that is ill"
    mail_world.clock.set(END_OF_WINDOW)
    mail_world.settle()
    assert "did not get out before the time to opt out was over" in review_card(mail_world)


def test_without_a_mail_server_the_review_card_says_so(http_world: World):
    http_world.claim_in(Status.APPROVED)
    assert "The customer could not be reached by mail: no mail server is set (SMTP_URL)." in review_card(http_world)
    reviewing_only = http_world.card("Ana", PARTNER).visible_text
    assert "mail server" not in reviewing_only


# -- hostile text ------------------------------------------------------------------------------------------------------

HOSTILE = '<b>Eve</b>\r\nBcc: eve@example.com\u2028\u202e"x" <img src=x onerror=alert(1)> {{ 7*7 }} \'; --'


def test_hostile_text_is_only_text_in_headers_mails_and_pages(mail_world: World, post_office: PostOffice):
    typed = dict.fromkeys(
        ("claim_name", "customer_name", "customer_contact_name", "customer_contact_title", "partner_contact_name"),
        HOSTILE,
    )
    number = mail_world.claim_in(Status.APPROVED, **typed)
    [notice] = post_office.received
    page = visit(link_in(notice))
    asked = page.press("Opt out", reason=HOSTILE)
    asked.press("Yes, opt out")
    mail_world.settle()
    assert mail_world.claim(number).status is Status.REJECTED
    assert len(post_office.received) == 3
    for mail in post_office.received:
        assert mail["Bcc"] is None
        [to] = mail["To"].addresses
        assert to.addr_spec in (CARA, ANA)
        assert "\n" not in str(mail["Subject"])
        assert not mail.defects
    assert [envelope.rcpt_tos for envelope in post_office.envelopes].count([CARA]) == 2
    for html in (*map(html_of, post_office.received), page.html, asked.html):
        assert "<img" not in html
        assert "<b>Eve" not in html
        assert "{{ 7*7 }}" in html
        assert "\u202e" not in html
    [rejection] = post_office.to(ANA)
    assert "> Bcc: eve@example.com" in text_of(rejection)
