"""Forms on a person's screen: what can be filled in, what is sent, what stays."""

import pytest

from sandbox import SandboxError
from tests.sandbox.bolt_app import Scripted, button, client_of, furnished, modal, text_input


def plain(text):
    return {"type": "plain_text", "text": text}


def options(*texts):
    return [{"text": plain(one), "value": one.lower()} for one in texts]


def field(label, element, **more):
    return {"type": "input", "block_id": label, "label": plain(label), "element": element, **more}


EVERYTHING = modal(
    field("Text", {"type": "plain_text_input", "action_id": "a", "min_length": 2, "max_length": 5}),
    field("Mail", {"type": "email_text_input", "action_id": "a"}),
    field("Link", {"type": "url_text_input", "action_id": "a"}, optional=True),
    field("Number", {"type": "number_input", "action_id": "a", "is_decimal_allowed": False, "min_value": "1"}),
    field("One", {"type": "static_select", "action_id": "a", "options": options("Red", "Blue")}),
    field("Many", {"type": "multi_static_select", "action_id": "a", "options": options("Red", "Blue")}),
    field("Ticks", {"type": "checkboxes", "action_id": "a", "options": options("Yes", "Also")}),
    field("Radio", {"type": "radio_buttons", "action_id": "a", "options": options("Left", "Right")}),
    field("Day", {"type": "datepicker", "action_id": "a"}),
    field("Time", {"type": "timepicker", "action_id": "a"}),
    field("Moment", {"type": "datetimepicker", "action_id": "a"}),
    field("Person", {"type": "users_select", "action_id": "a"}),
    field("Place", {"type": "conversations_select", "action_id": "a"}),
    field("Rich", {"type": "rich_text_input", "action_id": "a"}),
    field("Files", {"type": "file_input", "action_id": "a", "max_files": 2, "filetypes": ["pdf"]}),
)
FILLED = {
    "Text": "abc",
    "Mail": "ana@example.com",
    "Number": 3,
    "One": "Blue",
    "Many": ["Red", "Blue"],
    "Ticks": True,
    "Radio": "Left",
    "Day": "2026-01-02",
    "Time": "09:30",
    "Moment": 1767344400,
    "Person": "Ben",
    "Place": "#one",
    "Rich": "bold words",
    "Files": [("a.pdf", b"%PDF")],
}


@pytest.fixture
def sandbox():
    sandbox = furnished()
    sandbox.courier.transport = Scripted()
    yield sandbox
    assert [one for one in sandbox.refusals if not one.where.startswith("ack")] == []
    sandbox.stop()


@pytest.fixture
def opened(sandbox):
    """Opens a view on Ana's screen and gives the form."""

    def open_(view):
        ana = sandbox.person("U0ANA")
        ana.command("/try", channel="C0ONE")
        client_of(sandbox).views_open(trigger_id=sandbox.deliveries[-1].payload["trigger_id"], view=view)
        return ana.form

    return open_


def answer(sandbox, **answers):
    sandbox.courier.transport = Scripted(**answers)


# -- what is sent ---------------------------------------------------------------------------------------------------


def test_every_kind_of_input_is_sent_in_slacks_shape(sandbox, opened):
    form = opened(EVERYTHING)
    form.fill(FILLED)
    form.submit()
    assert sandbox.person("U0ANA").form is None
    payload = sandbox.deliveries[-1].payload
    values = {label: states["a"] for label, states in payload["view"]["state"]["values"].items()}
    red, blue, left, yes, also = (
        {"text": {"type": "plain_text", "text": one, "emoji": True}, "value": one.lower()}
        for one in ("Red", "Blue", "Left", "Yes", "Also")
    )
    (file,) = values.pop("Files")["files"]
    assert (file["name"], file["size"], file["filetype"]) == ("a.pdf", 4, "pdf")
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": "bold words"}]}
    assert values == {
        "Text": {"type": "plain_text_input", "value": "abc"},
        "Mail": {"type": "email_text_input", "value": "ana@example.com"},
        "Link": {"type": "url_text_input", "value": None},
        "Number": {"type": "number_input", "value": "3"},
        "One": {"type": "static_select", "selected_option": blue},
        "Many": {"type": "multi_static_select", "selected_options": [red, blue]},
        "Ticks": {"type": "checkboxes", "selected_options": [yes, also]},
        "Radio": {"type": "radio_buttons", "selected_option": left},
        "Day": {"type": "datepicker", "selected_date": "2026-01-02"},
        "Time": {"type": "timepicker", "selected_time": "09:30"},
        "Moment": {"type": "datetimepicker", "selected_date_time": 1767344400},
        "Person": {"type": "users_select", "selected_user": "U0BEN"},
        "Place": {"type": "conversations_select", "selected_conversation": "C0ONE"},
        "Rich": {"type": "rich_text_input", "rich_text_value": {"type": "rich_text", "elements": [rich]}},
    }
    assert (payload["type"], payload["user"]["id"], payload["team"]["id"]) == (
        "view_submission",
        "U0ANA",
        "T0SANDBOX",
    )
    assert client_of(sandbox).files_info(file=file["id"])["file"]["name"] == "a.pdf"


def test_a_form_left_empty_is_not_sent(sandbox, opened):
    form = opened(EVERYTHING)
    before = len(sandbox.deliveries)
    form.submit()
    required = "Please complete this required field."
    assert form.errors == {label: required for label in form.labels if label != "Link"}
    assert len(sandbox.deliveries) == before


@pytest.mark.parametrize(
    ("label", "value", "says"),
    [
        ("Text", "a", "at least 2"),
        ("Text", "abcdef", "no more than 5"),
        ("Mail", "ana@example", "valid email"),
        ("Link", "example", "valid URL"),
        ("Number", "three", "valid number"),
        ("Number", "1.5", "whole number"),
        ("Number", "0", "at least 1"),
    ],
)
def test_what_the_client_finds_wrong_is_said_under_the_field(opened, label, value, says):
    form = opened(EVERYTHING)
    form.fill({**FILLED, label: value})
    form.submit()
    assert list(form.errors) == [label]
    assert says in form.errors[label]


@pytest.mark.parametrize(
    ("label", "value", "says"),
    [
        ("Colour", "Red", "There is no field 'Colour'. The labels are: 'Text', 'Mail'"),
        ("One", "Green", "offers no option 'Green'. It offers: 'Red', 'Blue'"),
        ("Many", ["Red", "Green"], "offers no option 'Green'"),
        ("Day", "2.1.2026", "takes a date as YYYY-MM-DD"),
        ("Time", "9", "takes a time as HH:MM"),
        ("Person", "Nobody", "called 'Nobody'"),
        ("Files", [("a.exe", b"x")], "takes only pdf"),
        ("Files", [("a.pdf", b"x")] * 3, "at most 2 files"),
        ("Files", [("a.pdf", b"x" * 10_000_001)], "over 10 MB"),
    ],
)
def test_what_is_not_offered_cannot_be_entered(opened, label, value, says):
    form = opened(EVERYTHING)
    with pytest.raises(SandboxError) as refusal:
        form.fill_one(label, value)
    assert says in str(refusal.value)


# -- what the app answers -------------------------------------------------------------------------------------------


def test_errors_must_be_keyed_by_an_input_block(sandbox, opened):
    form = opened(modal(text_input("Name", "name"), {"type": "divider", "block_id": "line"}))
    form.fill({"Name": "x"})
    for wrong in ({"line": "No."}, {"value": "No."}, {}, {"name": ""}):
        answer(sandbox, view_submission={"response_action": "errors", "errors": wrong})
        with pytest.raises(SandboxError, match="invalid_errors"):
            form.submit()
    assert form.title == "A form"
    assert [one.where for one in sandbox.refusals] == ["ack of view_submission"] * 4


def test_an_error_goes_when_its_field_is_filled_again(sandbox, opened):
    form = opened(modal(text_input("Name", "name")))
    form.fill({"Name": "x"})
    answer(sandbox, view_submission={"response_action": "errors", "errors": {"name": "Taken."}})
    form.submit()
    assert form.errors == {"Name": "Taken."}
    form.fill({"Name": "y"})
    assert form.errors == {}


def test_an_invalid_view_in_an_acknowledgement_is_refused_and_the_form_stays(sandbox, opened):
    form = opened(modal(text_input("Name", "name")))
    form.fill({"Name": "x"})
    for action in ("update", "push"):
        answer(sandbox, view_submission={"response_action": action, "view": modal(text_input("x" * 2001, "name"))})
        with pytest.raises(SandboxError, match=r"invalid_arguments.*/view/blocks/0/label"):
            form.submit()
    assert form.values == {"Name": "x"}
    assert [one.error for one in sandbox.refusals] == ["invalid_arguments"] * 2


def test_views_are_pushed_and_come_back_when_the_upper_one_closes(sandbox, opened):
    form = opened(modal(text_input("Name", "name"), notify_on_close=True))
    form.fill({"Name": "x"})
    second = modal(text_input("Reason", "why"), title=plain("Second"), notify_on_close=True)
    answer(sandbox, view_submission={"response_action": "push", "view": second})
    form.submit()
    assert form.title == "Second"
    form.close()
    assert (form.title, form.values) == ("A form", {"Name": "x"})
    closed = sandbox.deliveries[-1].payload
    assert (closed["type"], closed["is_cleared"]) == ("view_closed", False)


def test_a_fourth_view_is_not_pushed_by_an_acknowledgement_either(sandbox, opened):
    form = opened(modal(text_input("Name", "name", initial_value="x")))
    answer(
        sandbox,
        view_submission={"response_action": "push", "view": modal(text_input("N", "n", initial_value="x"))},
    )
    form.submit()
    form.submit()
    with pytest.raises(SandboxError, match="push_limit_reached"):
        form.submit()


def test_clear_closes_the_whole_stack(sandbox, opened):
    form = opened(modal(text_input("Name", "name", initial_value="x")))
    answer(
        sandbox,
        view_submission={"response_action": "push", "view": modal(text_input("N", "n", initial_value="x"))},
    )
    form.submit()
    answer(sandbox, view_submission={"response_action": "clear"})
    form.submit()
    assert sandbox.person("U0ANA").form is None


# -- while it is open -----------------------------------------------------------------------------------------------


def test_typed_input_survives_an_update_only_under_the_same_ids(sandbox, opened):
    form = opened(modal(text_input("Kept", "kept"), text_input("Lost", "lost")))
    form.fill({"Kept": "a", "Lost": "b"})
    renewed = modal(text_input("Kept", "kept"), text_input("Lost", "lost2", initial_value="fresh"))
    client_of(sandbox).views_update(view_id=form.view.id, view=renewed)
    assert form.values == {"Kept": "a", "Lost": "fresh"}


def test_an_input_that_dispatches_is_heard_at_once_and_others_are_not(sandbox, opened):
    loud = text_input("Loud", "loud") | {"dispatch_action": True}
    form = opened(modal(loud, text_input("Quiet", "quiet")))
    before = len(sandbox.deliveries)
    form.fill({"Quiet": "q", "Loud": "l"})
    (heard,) = sandbox.deliveries[before:]
    (action,) = heard.payload["actions"]
    assert (action["block_id"], action["value"]) == ("loud", "l")
    assert heard.payload["view"]["state"]["values"]["quiet"]["value"]["value"] == "q"
    assert "response_url" not in heard.payload


def test_menus_outside_inputs_are_heard_and_kept_in_the_state(sandbox, opened):
    menu = {"type": "static_select", "action_id": "m", "options": options("Red"), "placeholder": plain("Colour")}
    section = {"type": "section", "block_id": "s", "text": {"type": "mrkdwn", "text": "Pick"}, "accessory": menu}
    form = opened(
        modal(
            section,
            text_input("N", "n"),
            {"type": "actions", "block_id": "a", "elements": [button("Add a line", "add")]},
        )
    )
    form.fill({"Pick": "Red"})
    assert sandbox.deliveries[-1].payload["actions"][0]["selected_option"]["value"] == "red"
    form.press_in_form("Add a line")
    payload = sandbox.deliveries[-1].payload
    assert payload["container"] == {"type": "view", "view_id": form.view.id}
    assert payload["view"]["state"]["values"]["s"]["m"]["selected_option"]["value"] == "red"


def test_an_external_select_asks_the_app_and_takes_only_what_it_offers(sandbox, opened):
    def suggest(delivery):
        found = [one for one in ("Contoso One", "Contoso Two") if delivery.payload["value"].lower() == "contoso"]
        names = ["Contoso One", "Contoso Two"] if delivery.payload["value"] == "Contoso" else found
        return {"options": options(*names)}

    form = opened(modal(field("Who", {"type": "external_select", "action_id": "w", "min_query_length": 1})))
    answer(sandbox, block_suggestion=suggest)
    form.fill({"Who": "Contoso Two"})
    assert form.values == {"Who": "Contoso Two"}
    assert form.options("Who", "Contoso") == ["Contoso One", "Contoso Two"]
    with pytest.raises(SandboxError, match="no option 'Contoso Three'"):
        form.fill({"Who": "Contoso Three"})


def test_options_slack_would_not_take_are_refused(sandbox, opened):
    form = opened(modal(field("Who", {"type": "external_select", "action_id": "w", "min_query_length": 0})))
    answer(sandbox, block_suggestion={"options": options("x" * 76)})
    with pytest.raises(SandboxError, match=r"invalid_options.*/options/0/text"):
        form.options("Who")
    assert sandbox.refusals[-1].where == "ack of block_suggestion"


def test_each_person_has_a_screen_of_their_own(sandbox, opened):
    form = opened(modal(text_input("Name", "name")))
    assert sandbox.person("U0BEN").form is None
    assert form.text == "A form\nName\nSave\nCancel"


def test_a_view_that_clears_on_close_takes_the_whole_stack_with_it(sandbox, opened):
    form = opened(modal(text_input("Name", "name", initial_value="x"), notify_on_close=True))
    second = modal(text_input("N", "n"), title=plain("Second"), clear_on_close=True, notify_on_close=True)
    answer(sandbox, view_submission={"response_action": "push", "view": second})
    form.submit()
    before = len(sandbox.deliveries)
    form.close()
    assert sandbox.person("U0ANA").form is None
    closed = [one.payload for one in sandbox.deliveries[before:]]
    assert [(one["view"]["title"]["text"], one["is_cleared"]) for one in closed] == [("Second", True), ("A form", True)]


def test_an_app_that_fails_on_a_submission_leaves_the_form_with_all_that_was_typed(sandbox, opened):
    class Broken(Scripted):
        def send(self, delivery, limit):
            delivery.problem = "operation_timeout"

    form = opened(modal(text_input("Name", "name")))
    form.fill({"Name": "x"})
    sandbox.courier.transport = Broken()
    with pytest.raises(SandboxError, match="operation_timeout"):
        form.submit()
    assert form.values == {"Name": "x"}
