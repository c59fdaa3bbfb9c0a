"""Files: uploaded in three steps, shared where the bot may post, served only to those who may see them."""

import urllib.request

import pytest

from sandbox import SandboxError
from tests.sandbox.bolt_app import client_of, furnished
from tests.sandbox.test_web_api import error_of


@pytest.fixture
def sandbox():
    sandbox = furnished()
    yield sandbox
    sandbox.stop()


def fetch(url: str, token: str = "") -> tuple[str, bytes]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})  # noqa: S310
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
        return response.headers["Content-Type"], response.read()


def test_an_upload_of_the_bot_lands_in_a_thread(sandbox):
    client, ana = client_of(sandbox), sandbox.person("U0ANA")
    parent = client.chat_postMessage(channel="C0ONE", text="x")["ts"]
    client.files_upload_v2(
        content="a,b\n", filename="list.csv", channel="C0ONE", thread_ts=parent, initial_comment="The list"
    )
    (reply,) = ana.thread(ana.messages("C0ONE")[0])
    assert (reply.text, [one.name for one in reply.files]) == ("The list", ["list.csv"])
    assert ana.download(reply.files[0]) == b"a,b\n"


def test_an_upload_is_not_shared_where_the_bot_is_no_member(sandbox):
    sandbox.add_channel("C0OUT", "out", members=["U0ANA"], with_bot=False)
    upload = client_of(sandbox).files_upload_v2
    assert error_of(upload, content="x", filename="x.txt", channel="C0OUT") == "not_in_channel"


def test_a_download_needs_the_bots_token_else_it_is_a_sign_in_page(sandbox):
    message = sandbox.person("U0ANA").post("C0ONE", "see this", files=[("plan.pdf", b"%PDF-1.7")])
    url = message.files[0].url_private_download
    assert fetch(url, sandbox.app.bot_token) == ("application/pdf", b"%PDF-1.7")
    for token in ("", "xoxb-other"):
        content_type, body = fetch(url, token)
        assert content_type.startswith("text/html")
        assert b"Sign in" in body


def test_a_file_of_a_channel_without_the_bot_is_not_found(sandbox):
    sandbox.add_channel("C0OUT", "out", members=["U0ANA"], with_bot=False)
    file = sandbox.person("U0ANA").post("C0OUT", "mine", files=[("plan.pdf", b"%PDF-1.7")]).files[0]
    assert error_of(client_of(sandbox).files_info, file=file.id) == "file_not_found"
    assert fetch(file.url_private_download, sandbox.app.bot_token)[0].startswith("text/html")
    with pytest.raises(SandboxError, match="cannot see the file"):
        sandbox.person("U0BEN").download(file)


def test_a_file_can_be_served_as_something_else(sandbox):
    file = sandbox.person("U0ANA").post("C0ONE", "", files=[("plan.pdf", b"%PDF-1.7")]).files[0]
    sandbox.workspace.serve_file_as(file.id, "text/html", b"<html>")
    assert fetch(file.url_private, sandbox.app.bot_token) == ("text/html", b"<html>")
    assert client_of(sandbox).files_info(file=file.id)["file"]["size"] == 8


def test_the_app_deletes_what_it_uploaded_and_only_that(sandbox):
    client, ana = client_of(sandbox), sandbox.person("U0ANA")
    client.files_upload_v2(content="a,b\n", filename="list.csv", channel="C0ONE")
    (file,) = ana.messages("C0ONE")[0].files
    assert client.files_delete(file=file.id).data == {"ok": True}
    (message,) = ana.messages("C0ONE")
    assert message.visible_text.endswith("This file was deleted.")
    assert message.to_json()["files"] == [{"id": file.id, "mode": "tombstone"}]
    with pytest.raises(SandboxError, match="cannot see the file"):
        ana.download(file)
    assert fetch(file.url_private, sandbox.app.bot_token)[0].startswith("text/html")
    assert error_of(client.files_info, file=file.id) == "file_deleted"
    assert error_of(client.files_delete, file=file.id) == "file_deleted"
    hers = ana.post("C0ONE", "mine", files=[("plan.pdf", b"%PDF-1.7")]).files[0]
    assert error_of(client.files_delete, file=hers.id) == "cant_delete_file"
    assert ana.download(hers) == b"%PDF-1.7"
    sandbox.add_channel("C0OUT", "out", members=["U0ANA"], with_bot=False)
    away = ana.post("C0OUT", "mine", files=[("plan.pdf", b"%PDF-1.7")]).files[0]
    assert {error_of(client.files_delete, file=one) for one in (away.id, "F0NONE")} == {"file_not_found"}
    sandbox.app.scopes = frozenset({"files:read"})
    assert error_of(client.files_delete, file=hers.id) == "missing_scope"
