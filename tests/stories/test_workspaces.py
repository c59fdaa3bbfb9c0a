"""Partners in workspaces of their own: installed by OAuth, spoken to by their own token, and forgotten when they go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text, update
from typer.testing import CliRunner

from bot.app import NOT_INSTALLED
from bot.checks.workspaces import check_workspaces
from bot.cli import main
from bot.workspaces import Keyring, NotInstalled
from models.database import Database
from models.operations import installing, outbox
from models.tables import Comment, Installation, InstallState, JournalEntry, Outgoing
from rules.lifecycle import Status
from tests.cast import DIRECTORY
from tests.stories.workspaces import FABRIKAM, KEY, PUBLIC_URL, TwoWorkspaces, two_workspaces
from tests.stories.world import ACKNOWLEDGED, World

LONDON = {"Partner location (MPN)": "London · 4722001"}


@pytest.fixture
def two(database: Database, tmp_path: Path) -> Iterator[TwoWorkspaces]:
    with two_workspaces(database, tmp_path) as two:
        yield two


def stored(two: TwoWorkspaces) -> Installation | None:
    with two.home.bot.memory.database.transaction() as session:
        return session.get(Installation, FABRIKAM)


def dead(two: TwoWorkspaces) -> list[tuple[str, str, str | None]]:
    with two.home.bot.memory.database.transaction() as session:
        # There is no mail server, so mail to the customer is given up.
        return [(one.team, one.kind, one.problem) for one in outbox.unsent(session, dead=True) if one.kind != "mail"]


def submit(two: TwoWorkspaces) -> str:
    """Bo files a claim in his workspace; its number."""
    bo = two.fabrikam.file_claim("Bo", LONDON, "C0FABRIKAM")
    form = two.fabrikam.form("Bo")
    form.fill(ACKNOWLEDGED)
    form.submit()
    form.close()
    two.settle()
    return two.fabrikam.card(bo.name.split()[0], "C0FABRIKAM").text.split(" ")[0]


def said_at_home(two: TwoWorkspaces) -> list[str]:
    """What stands in the programme's workspace, in the channel that has the same id as Fabrikam's own."""
    return [one.visible_text for one in two.home.sandbox.workspace.messages["C0FABRIKAM"]]


@pytest.mark.parametrize("socket_mode", [False, True], ids=["http", "socket"])
def test_a_partner_files_in_its_own_workspace_and_reviewers_decide_in_the_programmes(
    database: Database, tmp_path: Path, socket_mode: bool
):
    with two_workspaces(database, tmp_path, socket_mode=socket_mode) as two:
        assert "The programme knows your workspace already" in two.install()
        number = submit(two)
        rosa = two.home.person("Rosa")
        rosa.press("Start review", two.home.card("Rosa", "C0REVIEW", number))
        two.settle()
        rosa.press("Approve", two.home.card("Rosa", "C0REVIEW", number))
        two.settle()
        card = two.fabrikam.card("Bo", "C0FABRIKAM", number)
        assert "Approved" in card.visible_text
        assert card.user == "U0FABBOT"
        assert two.home.card("Rosa", "C0REVIEW", number).user == "U0BOT"
        two.fabrikam.person("Bo").reply(card, "Thank you, Rosa.")
        two.settle()
        assert any("Thank you, Rosa." in line for line in two.home.thread("Rosa", "C0REVIEW", number))
        two.fabrikam.person("Bo").reply(card, "@app status")
        two.settle()
        assert any("Approved" in line for line in two.fabrikam.thread("Bo", "C0FABRIKAM", number))
        bo = two.fabrikam.person("Bo")
        shown = bo.command(f"/claim show {number}", "C0FABRIKAM").message
        assert shown is not None
        bo.press("Send me the file", shown)
        two.settle()
        assert [file.name for message in bo.direct_messages() for file in message.files] == ["sow.pdf"]
        assert number in bo.open_home().text
        assert said_at_home(two) == []
        assert dead(two) == []


def test_who_is_mentioned_is_named_only_where_the_directory_knows_them_in_that_workspace(two: TwoWorkspaces):
    two.install()
    number = submit(two)
    two.fabrikam.sandbox.add_user("U0ANA", "Anders Elsewhere")  # the id that Contoso's Ana has at home
    two.fabrikam.person("Bo").reply(
        two.fabrikam.card("Bo", "C0FABRIKAM", number), "@Bo Builder and @Anders Elsewhere know."
    )
    two.settle()
    two.home.person("Rosa").reply(two.home.card("Rosa", "C0REVIEW", number), "@Ana Admin does not.")
    two.settle()
    with two.home.bot.memory.database.reading() as session:
        texts = [one.text for one in session.scalars(select(Comment).order_by(Comment.id))]
    assert texts == ["@Bo Builder and @U0ANA know.", "@Ana Admin does not."]


def test_nobody_sees_anything_in_a_workspace_that_the_directory_does_not_name(database: Database, tmp_path: Path):
    with two_workspaces(database, tmp_path, directory=DIRECTORY) as two:
        two.home.claim_in(Status.SUBMITTED)
        page = two.install()
        assert FABRIKAM in page
        assert "Until the programme lists your company, claimbot shows nothing" in page
        for who in ("Bo", "Yan"):  # a Bo is listed too, but in the programme's workspace
            answer = two.fabrikam.person(who).command("/claim list", "C0FABRIKAM").text
            assert "CL-0" not in answer
            assert "CL-0" not in two.fabrikam.person(who).open_home().text
        two.settle()
        assert len(two.fabrikam.sandbox.workspace.messages["C0FABRIKAM"]) == 2  # both answers, to each alone


def test_a_state_is_good_once_in_the_browser_that_began_and_for_ten_minutes(two: TwoWorkspaces):
    victim, attacker = two.browser(), two.browser()
    own = two.slack.allow(two.begin(attacker), "U0BO", workspace=FABRIKAM)
    two.begin(victim)
    refusals = [victim.get(own)]  # the attacker's link, opened by somebody else
    forged = f"{PUBLIC_URL}/slack/oauth_redirect?{urlencode({'code': '1.a', 'state': 'made-up'})}"
    victim.cookies["slack-app-oauth-state"] = "made-up"
    refusals.append(victim.get(forged))
    refusals.append(victim.get(f"{PUBLIC_URL}/slack/oauth_redirect?code=1.a"))
    late = two.slack.allow(two.begin(victim), "U0BO", workspace=FABRIKAM)
    two.home.clock.advance(timedelta(minutes=10))
    refusals.append(victim.get(late))
    assert [status for status, _, _ in refusals] == [400, 401, 400, 401]
    assert all("Please begin again" in page for _, _, page in refusals)
    assert stored(two) is None
    browser = two.browser()
    back = two.slack.allow(two.begin(browser), "U0BO", workspace=FABRIKAM)
    cookies = dict(browser.cookies)
    assert browser.get(back)[0] == 200
    browser.cookies = cookies
    assert browser.get(back)[0] == 401  # the very same again, cookie and all
    with two.home.bot.memory.database.transaction() as session:
        assert [one.digest for one in session.scalars(select(InstallState)) if one.expires_at > two.home.clock()] == []


def test_whoever_cancels_or_comes_with_a_code_of_their_own_is_told_and_nothing_is_kept(two: TwoWorkspaces):
    browser = two.browser()
    status, _, page = browser.get(two.slack.cancel(two.begin(browser)))
    assert (status, "It was turned down on Slack" in page) == (200, True)
    [state] = parse_qs(urlsplit(two.begin(browser)).query)["state"]
    guessed = urlencode({"code": "1.guessed", "state": state})
    status, _, page = browser.get(f"{PUBLIC_URL}/slack/oauth_redirect?{guessed}")
    assert (status, "Please begin again" in page) == (401, True)
    assert stored(two) is None


def test_the_programmes_own_workspace_keeps_its_own_token(two: TwoWorkspaces):
    browser = two.browser()
    url = two.slack.allow(two.begin(browser), "U0ROSA", workspace="T0MAIN")
    status, _, page = browser.get(url)
    assert (status, "has claimbot already" in page) == (200, True)
    with two.home.bot.memory.database.transaction() as session:
        assert installing.installations(session) == []


def test_a_token_cannot_be_read_in_the_database_nor_used_beside_another_workspace(two: TwoWorkspaces):
    two.install()
    token, row = two.fabrikam.sandbox.app.bot_token, stored(two)
    assert row is not None
    with two.home.bot.memory.database.transaction() as session:
        everything = session.execute(text("SELECT i::text FROM installations i")).scalars().all()
        assert len(everything) == 1
        assert token not in everything[0]
        assert token.removeprefix("xoxb-") not in everything[0]
        entries = [(one.kind, one.body) for one in session.scalars(select(JournalEntry))]
    assert entries == [("workspace", {"team": FABRIKAM, "installed": True})]
    ring = Keyring(KEY)
    assert ring.unseal(FABRIKAM, row.token) == token
    for keys, team in ((KEY, "T0OTHER"), (Fernet.generate_key().decode(), FABRIKAM)):
        with pytest.raises(NotInstalled, match="token_unreadable"):
            Keyring(keys).unseal(team, row.token)


def test_keys_are_changed_without_installing_again(two: TwoWorkspaces, monkeypatch: pytest.MonkeyPatch):
    two.install()
    new = Fernet.generate_key().decode()
    database = two.home.bot.memory.database
    values = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "secret",
        "SLACK_CLIENT_ID": two.slack.client_id,
        "SLACK_CLIENT_SECRET": two.slack.client_secret,
        "PUBLIC_URL": PUBLIC_URL,
        "DATABASE_URL": database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
        "TOKEN_KEY": f"{new},{KEY}",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, ["workspaces", "rotate"])
    assert (result.exit_code, result.output) == (0, "1 encrypted with the first key.\n")
    row = stored(two)
    assert row is not None
    assert Keyring(new).unseal(FABRIKAM, row.token) == two.fabrikam.sandbox.app.bot_token
    monkeypatch.setenv("TOKEN_KEY", Fernet.generate_key().decode())
    result = CliRunner().invoke(main, ["workspaces", "rotate"])
    assert (result.exit_code, FABRIKAM in result.output) == (1, True)
    listed = CliRunner().invoke(main, ["workspaces", "list"])
    assert listed.output == f"{FABRIKAM}\t2026-11-18\tlisted\tFabrikam\n"


def test_what_is_for_a_workspace_that_took_the_app_away_is_given_up_and_goes_on_after_it_is_back(two: TwoWorkspaces):
    two.install()
    number = submit(two)
    token, before = two.fabrikam.sandbox.app.bot_token, len(two.fabrikam.sandbox.calls)
    two.slack.uninstall(FABRIKAM)
    assert stored(two) is None
    two.home.person("Rosa").press("Start review", two.home.card("Rosa", "C0REVIEW", number))
    two.settle()
    assert "Under review" in two.home.card("Rosa", "C0REVIEW", number).visible_text
    assert {(team, problem) for team, _, problem in dead(two)} == {(FABRIKAM, "not_installed")}
    assert said_at_home(two) == []
    assert len(two.fabrikam.sandbox.calls) == before
    two.home.clock.advance(timedelta(minutes=5))
    two.install()
    assert two.fabrikam.sandbox.app.bot_token != token
    with two.home.bot.memory.database.transaction() as session:
        outbox.retry_all(session)
    two.settle()
    assert dead(two) == []
    assert "Under review" in two.fabrikam.card("Bo", "C0FABRIKAM", number).visible_text


def test_the_end_of_an_earlier_installation_that_comes_late_ends_no_later_one(two: TwoWorkspaces):
    two.install()
    sandbox = two.fabrikam.sandbox
    two.slack.uninstall(FABRIKAM)
    two.home.clock.advance(timedelta(minutes=5))
    two.install()
    assert [one.name for one in sandbox.deliveries[-2:]] == ["tokens_revoked", "app_uninstalled"]
    assert [one.ok for one in sandbox.repeat_last_delivery()] == [True]
    assert stored(two) is not None


def test_a_token_that_slack_takes_back_unheard_gives_its_messages_up_with_slacks_word(two: TwoWorkspaces):
    two.install()
    number = submit(two)
    two.slack.uninstall(FABRIKAM, heard=False)
    two.home.person("Rosa").press("Start review", two.home.card("Rosa", "C0REVIEW", number))
    two.settle()
    assert {(team, problem) for team, _, problem in dead(two)} == {(FABRIKAM, "account_inactive")}
    assert "Under review" in two.home.card("Rosa", "C0REVIEW", number).visible_text


def test_a_token_put_beside_another_workspaces_id_is_not_used(two: TwoWorkspaces):
    two.install()
    with two.home.bot.memory.database.transaction() as session:
        stolen = Keyring(KEY).seal("T0OTHER", two.home.sandbox.app.bot_token)
        session.execute(update(Installation).values(token=stolen))
    two.fabrikam.person("Bo").command("/claim list", "C0FABRIKAM")
    assert two.fabrikam.person("Bo").ephemerals[-1].visible_text == NOT_INSTALLED
    with two.home.bot.memory.database.transaction() as session:
        rows = session.scalars(select(Outgoing)).all()
    assert rows == []
    with pytest.raises(NotInstalled, match="token_unreadable"):
        two.home.bot.desk.workspaces.client(FABRIKAM)


def test_the_check_says_what_is_wrong_with_a_partners_installation(two: TwoWorkspaces):
    bot = two.home.bot

    def found() -> tuple[bool, str]:
        [finding] = check_workspaces(bot.settings, bot.memory.database, "T0MAIN")
        return finding.ok, f"{finding.said} -> {finding.remedy}"

    missing, said = found()
    assert (missing, "is not installed in T0FABRIKAM, the workspace of Fabrikam Partners" in said) == (False, True)
    assert f"open {PUBLIC_URL}/slack/install" in said
    two.install()
    assert found() == (True, "installed in all 1 of partners -> ")
    two.slack.uninstall(FABRIKAM, heard=False)
    refused, said = found()
    assert (refused, "account_inactive" in said) == (False, True)


def test_without_the_settings_there_is_no_way_in(http_world: World):
    paths = {rule.rule for rule in http_world.bot.web.url_map.iter_rules()}
    assert not {path for path in paths if path.startswith("/slack/")} - {"/slack/events"}
    client = http_world.bot.web.test_client()
    assert [client.get(path).status_code for path in ("/slack/install", "/slack/oauth_redirect")] == [404, 404]
