"""What the page refuses: acts from elsewhere, other people's things, and content that could run in it."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from sandbox import Sandbox
from sandbox.page.routes import STREAMS
from tests.sandbox.bolt_app import Clock

HEADER = {"X-Sandbox-Page": "1"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(clock=Clock()).start()
    for user in ("U0ANA", "U0BEN", "U0ZED"):
        sandbox.add_user(user, user[2:].title())
    sandbox.add_channel("C0ONE", "one", members=["U0ANA", "U0BEN"])
    yield sandbox
    sandbox.stop()


@pytest.fixture
def web(sandbox: Sandbox) -> FlaskClient:
    return sandbox.web.test_client()


@pytest.mark.parametrize("path", ["do/close-all", "say", "upload"])
def test_a_page_elsewhere_on_the_web_cannot_act_here(web: FlaskClient, path: str) -> None:
    assert web.post(f"/as/U0ANA/{path}", json={}).status_code == 403


def test_nobody_acts_as_the_bot_or_as_a_stranger(web: FlaskClient) -> None:
    for user in ("U0BOT", "U0NOBODY"):
        assert web.get(f"/as/{user}/app/home").status_code == 404
        assert web.post(f"/as/{user}/do/close-all", json={}, headers=HEADER).status_code == 404


def test_a_channel_one_is_not_in_leads_elsewhere_and_takes_no_message(sandbox: Sandbox, web: FlaskClient) -> None:
    assert web.get("/as/U0ZED/c/C0ONE").location == "/as/U0ZED/app/home"
    said = web.post("/as/U0ZED/say", data={"channel": "C0ONE", "text": "Hi"}, headers=HEADER)
    assert said.json is not None
    assert "not a member" in said.json["trouble"]
    assert sandbox.workspace.messages["C0ONE"] == []


def test_a_message_for_one_person_is_on_nobody_elses_page(sandbox: Sandbox, web: FlaskClient) -> None:
    message = sandbox.person("U0ANA").post("C0ONE", "quiet words")
    stored = sandbox.workspace.message("C0ONE", message.ts)
    sandbox.workspace.change(stored, ephemeral_to="U0ANA")
    assert "quiet words" in web.get("/as/U0ANA/c/C0ONE").text
    assert "quiet words" not in web.get("/as/U0BEN/c/C0ONE").text


def test_a_file_is_served_to_those_who_see_it_and_never_as_a_page(sandbox: Sandbox, web: FlaskClient) -> None:
    post = sandbox.person("U0ANA").post("C0ONE", "", files=[("evil.html", b"<script>alert(1)</script>")])
    address = f"file/{post.files[0].id}"
    assert web.get(f"/as/U0ZED/{address}").status_code == 404
    answer = web.get(f"/as/U0BEN/{address}")
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=evil.html"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_picture_is_shown_in_place(sandbox: Sandbox, web: FlaskClient) -> None:
    post = sandbox.person("U0ANA").post("C0ONE", "", files=[("a.png", b"\x89PNG")])
    answer = web.get(f"/as/U0ANA/file/{post.files[0].id}")
    assert (answer.content_type, answer.headers["Content-Disposition"].split(";")[0]) == ("image/png", "inline")


def test_no_script_but_the_pages_own_may_run(web: FlaskClient) -> None:
    policy = web.get("/as/U0ANA/c/C0ONE").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_an_element_that_is_gone_and_an_option_nobody_offered_are_refused_in_words(
    sandbox: Sandbox, web: FlaskClient
) -> None:
    given = {"where": {"channel": "C0ONE", "ts": "1.000000"}, "block": "b", "action": "a"}
    answer = web.post("/as/U0ANA/do/press", json=given, headers=HEADER)
    assert answer.json is not None
    assert answer.json["trouble"] == "This has changed in the meantime. Please look again."


def test_a_stream_too_many_ends_after_its_first_word_and_leaves_threads_for_the_rest(web: FlaskClient) -> None:
    streams = [iter(web.get("/changes", buffered=False).response) for _ in range(STREAMS)]
    for one in streams:
        assert next(one) == b"retry: 1000\n\n"
    late = list(web.get("/changes", buffered=False).response)
    assert late[0] == b"retry: 1000\n\n"
    assert len(late) == 2


def test_the_streams_of_open_windows_end_with_the_sandbox(sandbox: Sandbox, web: FlaskClient) -> None:
    stream = web.get("/changes", buffered=False).response
    frames = iter(stream)
    assert next(frames) == b"retry: 1000\n\n"
    assert next(frames) == f"data: {sandbox.workspace.revision} {sandbox.exchanges.revision}\n\n".encode()
    sandbox.page.stop()
    assert list(frames) == []


def test_a_link_into_a_channel_is_followed_as_its_first_member_and_elsewhere_one_chooses(web: FlaskClient) -> None:
    assert web.get("/app_redirect?team=T0MAIN&channel=C0ONE").location == "/as/U0ANA/c/C0ONE"
    assert web.get("/app_redirect?channel=C0NONE").location == "/"
