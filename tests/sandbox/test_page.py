"""People at a browser: what they see and do on the page, with a real app on the other side."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Route, expect

from sandbox import Sandbox
from sandbox.objects import Message
from sandbox.transport import Delivery, Transport
from tests.browser import Window, Windows
from tests.sandbox.bolt_app import furnished, over_http
from tests.sandbox.page_app import page_app
from tests.waiting import PATIENCE

PDF: FilePayload = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}


@dataclass
class Scene:
    sandbox: Sandbox
    windows: Windows
    submitted: list[dict[str, Any]] = field(default_factory=list)

    def window(self, user: str = "U0ANA", place: str = "c/C0ONE") -> Window:
        return self.windows(self.sandbox.base_url, user, place)


class Slow:
    """Holds what is on its way to the app until the test lets it go on."""

    def __init__(self, transport: Transport | None, go_on: threading.Event) -> None:
        assert transport is not None
        self._transport, self._go_on = transport, go_on

    def send(self, delivery: Delivery, limit: float) -> None:
        assert self._go_on.wait(PATIENCE)
        self._transport.send(delivery, limit)


@pytest.fixture
def scene(window: Windows) -> Iterator[Scene]:
    sandbox = furnished()
    app, submitted = page_app(sandbox)
    with over_http(sandbox, app):
        yield Scene(sandbox, window, submitted)
        window.close()
    sandbox.stop()


def filled(ana: Window, name: str) -> None:
    ana.write("/form ")
    ana.form.get_by_label("Name").fill(name)
    ana.form.get_by_label("Work").check()
    expect(ana.form.get_by_label("Extra")).to_be_visible()
    ana.form.get_by_label("Extra").fill("more")
    ana.pick("Place", "Berlin")
    ana.pick("Products", "Apps")
    ana.pick("Products", "Phones")
    ana.pick("Seller", "Kim a", typed="a")
    ana.form.get_by_label("Proof").set_input_files([PDF])
    expect(ana.form.get_by_text("letter.pdf")).to_be_visible()
    ana.form.get_by_label("Day").fill("2026-02-27")


def test_a_command_is_suggested_while_it_is_typed_and_answered_to_the_person_alone(scene: Scene) -> None:
    ana, ben = scene.window(), scene.window("U0BEN")
    ana.composer.fill("/tr")
    ana.page.get_by_role("option", name="/try").click()
    ana.composer.press_sequentially("hello")
    ana.composer.press("Enter")
    answer = ana.message("You said hello")
    expect(answer).to_contain_text("Only visible to you")
    expect(answer.locator("strong", has_text="hello")).to_be_visible()
    expect(ana.composer).to_have_value("")
    ana.write("now everybody")
    expect(ben.message("now everybody")).to_be_visible()
    expect(ben.message("You said")).to_have_count(0)


def test_a_form_with_every_kind_of_field_reaches_the_app_as_it_was_filled_in(scene: Scene) -> None:
    ana = scene.window()
    filled(ana, "Tailwind")
    ana.submit()
    expect(ana.form).to_have_count(0)
    expect(ana.composer).to_be_focused()
    (values,) = scene.submitted
    read = {block_id: next(iter(states.values())) for block_id, states in values.items()}
    assert read["name"]["value"] == "Tailwind"
    assert read["area"]["selected_option"]["value"] == "work"
    assert read["extra"]["value"] == "more"
    assert read["place"]["selected_option"]["value"] == "berlin"
    assert [one["value"] for one in read["products"]["selected_options"]] == ["apps", "phones"]
    assert read["seller"]["selected_option"]["value"] == "kim a"
    assert read["day"]["selected_date"] == "2026-02-27"
    (file,) = read["proof"]["files"]
    assert scene.sandbox.workspace.file(file["id"]).content == PDF["buffer"]


def test_a_field_error_stands_at_its_field_and_what_was_typed_stays(scene: Scene) -> None:
    ana = scene.window()
    filled(ana, "wrong")
    ana.submit()
    name = ana.form.get_by_label("Name")
    expect(ana.form.get_by_text("This name is taken.")).to_be_visible()
    expect(name).to_have_accessible_description("This name is taken.")
    expect(name).to_be_focused()
    expect(name).to_have_value("wrong")
    expect(ana.form.get_by_label("Day")).to_have_value("2026-02-27")
    expect(ana.form.get_by_text("letter.pdf")).to_be_visible()
    name.fill("right")
    ana.submit()
    expect(ana.form).to_have_count(0)
    assert scene.submitted[0]["name"]["value"]["value"] == "right"


def test_an_empty_required_field_is_found_before_the_app_hears_of_it(scene: Scene) -> None:
    ana = scene.window()
    ana.write("/form ")
    ana.submit()
    expect(ana.form.get_by_text("Please complete this required field.")).to_have_count(6)
    assert [one.name for one in scene.sandbox.deliveries if one.name == "view_submission"] == []


def test_what_was_typed_survives_when_the_app_redraws_the_form(scene: Scene) -> None:
    ana = scene.window()
    ana.write("/form ")
    ana.form.get_by_label("Name").fill("Tailwind")
    ana.form.get_by_label("Home").check()
    expect(ana.form.get_by_label("Extra")).to_be_visible()
    expect(ana.form.get_by_label("Name")).to_have_value("Tailwind")
    expect(ana.form.get_by_label("Home")).to_be_checked()


def test_a_draft_survives_live_changes_and_a_reload(scene: Scene) -> None:
    ana = scene.window()
    ana.composer.fill("half a thought")
    scene.sandbox.person("U0BEN").post("C0ONE", "Meanwhile")
    expect(ana.message("Meanwhile")).to_be_visible()
    expect(ana.composer).to_have_value("half a thought")
    expect(ana.composer).to_be_focused()
    ana.visit("c/C0ONE")
    expect(ana.composer).to_have_value("half a thought")


def test_a_button_asks_first_and_the_card_is_redrawn_for_everybody(scene: Scene) -> None:
    ana, ben = scene.window(), scene.window("U0BEN")
    ana.write("/card ")
    ben.message("Approve").get_by_role("button", name="Approve").click()
    question = ben.page.get_by_role("dialog", name="Really?")
    expect(question).to_contain_text("It is final.")
    question.get_by_role("button", name="No").click()
    expect(ben.page.get_by_role("button", name="Approve")).to_be_focused()
    ben.page.get_by_role("button", name="Approve").click()
    question.get_by_role("button", name="Do").click()
    expect(ben.message("Approved by @Ben")).to_be_visible()
    expect(ana.message("Approved by @Ben")).to_be_visible()


def test_a_reply_in_a_thread_is_counted_under_its_message(scene: Scene) -> None:
    scene.sandbox.person("U0BEN").post("C0ONE", "A question")
    ana = scene.window()
    question = ana.message("A question")
    question.hover()
    question.get_by_role("link", name="Reply in thread").click()
    reply = ana.thread.get_by_role("textbox", name="Reply…")
    expect(reply).to_be_focused()
    reply.fill("An answer")
    reply.press("Enter")
    expect(ana.thread.get_by_role("article").filter(has_text="An answer")).to_be_visible()
    expect(question).to_contain_text("1 reply")
    ana.thread.get_by_role("link", name="Close thread").click()
    expect(ana.thread).to_have_count(0)


def test_a_command_in_a_thread_is_refused_in_words_and_stays_in_the_box(scene: Scene) -> None:
    message = scene.sandbox.person("U0BEN").post("C0ONE", "A question")
    ana = scene.window(place=f"c/C0ONE?thread={message.ts}")
    reply = ana.thread.get_by_role("textbox", name="Reply…")
    reply.fill("/try it")
    reply.press("Enter")
    expect(ana.thread.get_by_role("alert").filter(has_text="cannot be used inside a thread")).to_be_visible()
    expect(reply).to_have_value("/try it")


def test_a_file_is_sent_with_a_message_and_can_be_fetched_by_those_who_see_it(scene: Scene) -> None:
    ana = scene.window()
    ana.page.locator("main").get_by_label("Attach files").set_input_files([PDF])
    ana.write("see this")
    expect(ana.message("see this")).to_contain_text("letter.pdf")
    with ana.page.expect_download() as download:
        ana.message("see this").get_by_role("link", name="letter.pdf").click()
    assert download.value.suggested_filename == "letter.pdf"


def test_while_the_app_has_not_acknowledged_the_button_shows_that_it_waits(scene: Scene) -> None:
    ana = scene.window()
    ana.write("/steps ")
    ana.form.get_by_label("Why").fill("because")
    go_on = threading.Event()
    scene.sandbox.courier.transport = Slow(scene.sandbox.courier.transport, go_on)
    ana.submit()
    expect(ana.form.get_by_role("button", name="Save")).to_have_attribute("aria-busy", "true")
    go_on.set()
    expect(ana.form.get_by_role("heading", name="Second")).to_be_visible()
    ana.form.get_by_role("button", name="Back").click()
    expect(ana.form.get_by_label("Why")).to_have_value("because")


def test_when_the_app_is_gone_the_form_says_so_and_keeps_what_was_typed(scene: Scene) -> None:
    ana = scene.window()
    ana.write("/steps ")
    ana.form.get_by_label("Why").fill("because")
    scene.sandbox.courier.transport = None
    ana.submit()
    expect(ana.form.get_by_text("We had some trouble connecting. Try again?")).to_be_visible()
    expect(ana.form.get_by_label("Why")).to_have_value("because")


def test_escape_closes_a_form_and_gives_the_focus_back(scene: Scene) -> None:
    ana = scene.window()
    ana.write("/steps ")
    expect(ana.form.get_by_label("Why")).to_be_focused()
    ana.page.keyboard.press("Escape")
    expect(ana.form).to_have_count(0)
    expect(ana.composer).to_be_focused()
    assert scene.sandbox.person("U0ANA").form is None


def test_shortcuts_open_from_the_composer_and_from_a_message_by_keyboard(scene: Scene) -> None:
    scene.sandbox.person("U0BEN").post("C0ONE", "A question")
    ana = scene.window()
    ana.page.get_by_role("button", name="Shortcuts").press("Enter")
    expect(ana.page.get_by_role("menuitem", name="New claim")).to_be_focused()
    ana.page.keyboard.press("Enter")
    expect(ana.form.get_by_role("heading", name="From a shortcut")).to_be_visible()
    ana.page.keyboard.press("Escape")
    expect(ana.form).to_have_count(0)
    ana.message("A question").get_by_role("button", name="More actions").press("Enter")
    ana.page.get_by_role("menuitem", name="Pass on").click()
    expect(ana.message("Passed on: A question")).to_be_visible()


def test_home_is_drawn_when_it_is_opened_and_its_buttons_work(scene: Scene) -> None:
    ana = scene.window()
    ana.page.get_by_role("navigation", name="Channels and people").get_by_role("link", name="app").click()
    expect(ana.page.get_by_role("heading", name="Your claims")).to_be_visible()
    ana.page.get_by_role("button", name="New").click()
    expect(ana.form.get_by_role("heading", name="From Home")).to_be_visible()


def test_a_home_that_is_not_drawn_yet_is_announced_and_missed_only_when_it_stays_away(scene: Scene) -> None:
    scene.sandbox.courier.transport = None
    ana = scene.window()
    ana.page.get_by_role("navigation", name="Channels and people").get_by_role("link", name="app").click()
    soon = ana.page.get_by_text("One moment: app is drawing its Home tab.")
    late = ana.page.get_by_text("app has not drawn its Home tab yet.")
    expect(soon).to_be_visible()
    expect(late).to_be_hidden()
    ana.page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    expect(soon).to_be_hidden()
    expect(late).to_be_visible()


def test_two_windows_are_two_people_and_unread_messages_are_counted(scene: Scene) -> None:
    ana = scene.window(place="c/G0TWO")
    ben = scene.window("U0BEN")
    ben.write("Hello Ana")
    row = ana.page.get_by_role("link", name="one 1 unread")
    row.click()
    expect(ana.message("Hello Ana")).to_be_visible()
    expect(ana.page.get_by_label("1 unread")).to_have_count(0)
    ana.page.get_by_role("navigation", name="Who you are").get_by_role("link", name="Ben").click()
    expect(ana.page).to_have_url(f"{scene.sandbox.base_url}/as/U0BEN/c/C0ONE")


def test_what_people_write_is_text_and_never_markup(scene: Scene) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    scene.sandbox.person("U0BEN").post("C0ONE", evil)
    blocks = [
        {"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": f"{evil} <javascript:alert(1)|x>"}}
    ]
    scene.sandbox.workspace.post(Message("C0ONE", "", "U0BOT", "x", blocks, bot_id="B0SANDBOX"))
    ana = scene.window()
    ana.page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    expect(ana.page.get_by_text(evil)).to_have_count(2)
    assert ana.page.locator("#messages").locator("script, img, [href^=javascript]").count() == 0


def test_news_that_arrives_while_one_goes_elsewhere_does_not_hold_one_back(scene: Scene) -> None:
    ana = scene.window()
    held: list[Route] = []
    ana.page.route("**/c/G0TWO", lambda route: held.append(route), times=1)
    with ana.page.expect_request("**/c/G0TWO"):
        ana.page.get_by_role("link", name="two").click()
    scene.sandbox.person("U0BEN").post("C0ONE", "Meanwhile")
    expect(ana.page.get_by_role("heading", name="two")).to_be_visible()
    expect(ana.page).to_have_url(f"{scene.sandbox.base_url}/as/U0ANA/c/G0TWO")
    held[0].continue_()
    expect(ana.page.get_by_role("link", name="one 1 unread")).to_be_visible()
