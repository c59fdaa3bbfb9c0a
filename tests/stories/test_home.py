"""App Home: what waits for a person first, then the claims they chose to see, kept up to date without a storm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.conversations import home
from models.operations import homes
from models.operations.homes import GATHERED, WATCHED
from models.queries.people import person_of
from rules.lifecycle import Status
from sandbox.forms import HomeView
from tests.cast import LONDON, MUNICH, WHO, claim_in
from tests.stories.world import World

BOS: dict[str, Any] = {"by": "Bo", "mpn": LONDON, "partner_contact_email": "bo@fabrikam-partners.com"}


def numbers(view: HomeView) -> list[str]:
    """The claims in the list, from top to bottom, without those that wait on top."""
    rows = [one for one in view.blocks if one["type"] == "section" and one.get("accessory")]
    return [one["fields"][0]["text"].split("*")[1] for one in rows]


def tabs(view: HomeView) -> list[str]:
    [block] = [one for one in view.blocks if one.get("block_id") == "home_tabs"]
    return [one["text"]["text"] for one in block["elements"]]


def published(world: World) -> int:
    return len([one for one in world.sandbox.calls if one.method == "views.publish"])


def test_a_partner_sees_first_what_waits_for_an_answer_with_the_button_that_gives_it(http_world: World):
    draft = http_world.claim_in(Status.DRAFT, claim_name="A draft")
    asked = http_world.claim_in(Status.ACTION_REQUIRED, claim_name="Asked")
    approved = http_world.claim_in(Status.APPROVED, claim_name="Approved")
    view = http_world.person("Ana").open_home()
    assert "Needs your action (2)" in view.text
    assert view.text.index(asked) < view.text.index(draft) < view.text.index(approved)
    assert "Answer by " in view.text
    assert "Draft · 1" in view.buttons
    assert "Approved · 1" in view.buttons
    assert numbers(view) == [approved, asked, draft]
    view.press("Resubmit")
    assert http_world.form("Ana").title == "Resubmit"


def test_a_reviewer_sees_the_queue_by_due_date_and_tabs_with_their_numbers(http_world: World):
    late = http_world.claim_in(Status.UNDER_REVIEW)
    http_world.clock.advance(timedelta(days=5))
    fresh = http_world.claim_in(Status.SUBMITTED)
    disputed = http_world.claim_in(Status.DISPUTE)
    http_world.claim_in(Status.DRAFT)
    view = http_world.person("Rosa").open_home()
    assert tabs(view) == ["Queue · 3", "Mine · 1", "Unassigned · 2", "Disputes · 1", "Competing · 0", "All claims"]
    due = sorted((late, fresh, disputed), key=lambda one: (http_world.claim(one).due_at, one))
    assert numbers(view) == due
    view.press("Mine · 1")
    assert numbers(view) == [late]
    view.press("Disputes · 1")
    assert numbers(view) == [disputed]
    view.press("All claims")
    assert numbers(view) == [disputed, fresh, late]
    assert "Needs your action" not in view.text


def test_somebody_of_both_sides_gets_both_and_a_stranger_is_told_what_this_is_and_whom_to_ask(http_world: World):
    asked = http_world.claim_in(Status.ACTION_REQUIRED)
    nia = http_world.person("Nia").open_home()
    assert "Needs your action (1)" in nia.text
    assert "Queue · 0" in nia.buttons
    assert asked in nia.text
    zed = http_world.person("Zed").open_home()
    assert "not on the list" in zed.text
    assert "Ask <@U0ROSA> to add you" in zed.text, "who leads the reviewers"
    assert asked not in zed.text
    assert zed.buttons == []


def test_each_sees_what_they_may_see_and_nothing_else(http_world: World):
    berlin = http_world.claim_in(Status.SUBMITTED)
    munich = http_world.claim_in(Status.DRAFT, mpn=MUNICH)
    bos = http_world.claim_in(Status.SUBMITTED, **BOS)
    seen = {}
    for who in ("Ana", "Ivo", "Mia", "Bo", "Rosa"):
        view = http_world.person(who).open_home()
        seen[who] = {one for one in (berlin, munich, bos) if one in view.text}
    assert seen == {"Ana": {berlin, munich}, "Ivo": {berlin}, "Mia": {munich}, "Bo": {bos}, "Rosa": {berlin, bos}}
    bo = http_world.person("Bo").open_home()
    bo.fill({"Search": "northwind"})  # every claim is for them
    assert numbers(bo) == [bos]
    assert "Submitted · 1" in bo.buttons
    assert "Draft" not in str(bo.buttons)


def test_competing_claims_are_shown_to_reviewers_with_both_sides(http_world: World):
    same: dict[str, Any] = {"customer_tenant_id": "8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48", "products": ["teams"]}
    first = http_world.claim_in(Status.SUBMITTED, **same)
    http_world.claim_in(Status.SUBMITTED)
    second = http_world.claim_in(Status.SUBMITTED, **same, **BOS)
    view = http_world.person("Rosa").open_home()
    view.press("Competing · 2")
    assert sorted(numbers(view)) == sorted([first, second])
    view.fill({"Search": "fabrikam"})
    assert numbers(view) == [second], "what is searched for is found on this tab, too"
    assert "Competing · 2" in view.buttons
    view.press("Reset")
    view.fill({"Sort by": "Partner, Z to A"})
    assert numbers(view) == [second, first]


def test_what_was_chosen_is_remembered_until_it_is_reset(http_world: World):
    older, newer = (http_world.claim_in(Status.SUBMITTED, claim_name=name) for name in ("Zebra", "Alpaca"))
    http_world.claim_in(Status.APPROVED)
    rosa = http_world.person("Rosa")
    view = rosa.open_home()
    view.press("All claims")
    view.fill({"Sort by": "Claim name, Z to A"})
    view.press("Filter …")
    form = http_world.form("Rosa")
    form.fill({"Status": ["Submitted"], "Words": "northwind"})
    form.submit()
    assert numbers(view) == [older, newer]
    assert "Shown: status:Submitted “northwind”" in view.text
    assert view.values["Search"] == "northwind"

    view = rosa.open_home()
    assert numbers(view) == [older, newer]
    view.press("Filter …")
    assert http_world.form("Rosa").values["Status"] == ["Submitted"]
    http_world.form("Rosa").close()
    assert "Queue" in http_world.person("Remy").open_home().text, "what somebody chose is theirs alone"
    assert len(numbers(http_world.person("Remy").open_home())) == 2

    view.press("Reset")
    assert len(numbers(view)) == 3
    assert not view.values["Search"]
    assert "Reset" not in view.buttons


def test_words_in_the_search_box_may_be_filters_and_one_that_there_is_not_gets_the_nearest(http_world: World):
    approved = http_world.claim_in(Status.APPROVED)
    http_world.claim_in(Status.SUBMITTED)
    view = http_world.person("Ana").open_home()
    view.fill({"Search": "status:approved sort:customer north"})
    assert numbers(view) == [approved]
    assert view.values["Search"] == "north"
    view.fill({"Search": "statsu:approved"})
    assert "Did you mean status:approved?" in view.text
    assert view.values["Search"] == "statsu:approved", "what was typed is not lost"
    view.press("Reset")
    assert len(numbers(view)) == 2
    view.press("Approved · 1")
    assert numbers(view) == [approved]
    view.press("Approved · 1")
    assert len(numbers(view)) == 2


def test_a_long_list_has_pages_and_a_change_of_a_claim_leaves_the_reader_on_theirs(http_world: World):
    claims = [claim_in(http_world.bot.memory, Status.DRAFT, claim_name=f"Claim {n:02}") for n in range(23)]
    http_world.settle()
    view = http_world.person("Ana").open_home()
    assert "1–10 of 23" in view.text
    assert "Previous" not in view.buttons
    view.press("Next")
    assert "11–20 of 23" in view.text
    assert numbers(view) == claims[12:2:-1]
    http_world.person("Ana").command(f"/claim submit {claims[0]}", "C0CONTOSO")
    http_world.turn_page("Ana", {"Acknowledgements": True})
    http_world.settle()
    http_world.wait()
    assert "Submitted · 1" in view.buttons
    assert "11–20 of 23" in view.text
    view.press("Next")
    assert "21–23 of 23" in view.text
    assert "Next" not in view.buttons
    view.press("Previous")
    assert "11–20 of 23" in view.text


def test_what_is_done_from_home_shows_there_at_once(http_world: World):
    number = http_world.claim_in(Status.SUBMITTED)
    view = http_world.person("Rosa").open_home()
    view.press("Details")
    form = http_world.form("Rosa")
    assert form.title == number
    form.press("Start review")
    assert "Under review" in form.text
    assert "Approve" in form.buttons
    assert "Start review" not in form.buttons
    form.close()
    http_world.settle()
    http_world.wait()
    assert "Mine · 1" in view.buttons


def test_many_changes_are_one_drawing_for_each_who_looks_and_none_for_the_others(http_world: World):
    for who in ("Ana", "Ivo", "Rosa", "Remy"):
        http_world.person(who).open_home()
    before = published(http_world)
    for _ in range(5):
        claim_in(http_world.bot.memory, Status.UNDER_REVIEW)
        http_world.settle()
    assert published(http_world) == before, "what follows soon is gathered first"
    http_world.clock.advance(GATHERED)
    http_world.settle()
    assert published(http_world) == before + 4
    assert "Queue · 5" in str(http_world.sandbox.workspace.screens.homes["U0ROSA"].blocks)

    before = published(http_world)
    http_world.clock.advance(WATCHED)
    http_world.claim_in(Status.DRAFT)
    http_world.wait()
    assert published(http_world) == before, "nobody has looked for hours, and nothing is drawn"


def test_what_would_look_the_same_is_not_sent_again(http_world: World):
    http_world.claim_in(Status.APPROVED)
    rosa = http_world.person("Rosa")
    rosa.open_home().press("Unassigned · 0")
    before = published(http_world)
    with http_world.bot.memory.database.transaction() as session:
        homes.watch_all(session, http_world.clock())
    http_world.wait()
    assert published(http_world) == before


def test_a_slow_drawing_never_covers_a_newer_one(http_world: World):
    desk, memory = http_world.bot.desk, http_world.bot.memory
    rosa, who = http_world.person("Rosa"), WHO["Rosa"]
    rosa.open_home()
    with memory.database.transaction() as session:
        person = person_of(session, who.team, who.user)
        assert person is not None
        slow = homes.begin(session, person.id, http_world.clock(), used=False)
    number = http_world.claim_in(Status.SUBMITTED)
    view = rosa.open_home()
    assert numbers(view) == [number]
    before = published(http_world)
    assert home.draw(desk, desk.workspaces.home, who, slow) is False
    assert published(http_world) == before
    assert numbers(view) == [number]


def test_a_drawing_whose_answer_was_lost_is_replaced_by_the_next(http_world: World):
    rosa = http_world.person("Rosa")
    rosa.open_home()
    # Slack has shown something that we know nothing of: the hash that we remember is not the one that holds.
    http_world.sandbox.workspace.screens.publish("U0ROSA", {"type": "home", "blocks": []}, None)
    number = http_world.claim_in(Status.SUBMITTED)
    http_world.wait()
    assert number in str(http_world.sandbox.workspace.screens.homes["U0ROSA"].blocks)


def test_where_slack_cannot_be_reached_home_is_drawn_later(http_world: World):
    rosa = http_world.person("Rosa")
    view = rosa.open_home()
    http_world.sandbox.faults.refuse("views.publish", "fatal_error")
    view.press("Mine · 0")
    http_world.wait()
    assert "You review no claim right now." in view.text
