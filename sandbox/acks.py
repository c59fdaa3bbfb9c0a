"""Reading an app's acknowledgements as Slack does; what Slack would not take is recorded and raised."""

from typing import Any

from sandbox.blocks import check_options
from sandbox.errors import NotAcknowledged, SlackError
from sandbox.methods.chat import content_of
from sandbox.methods.views import checked_view
from sandbox.objects import Json, Message, View
from sandbox.transport import Delivery
from sandbox.web_api import Api, Args, pointed


class AckReader:
    def __init__(self, api: Api) -> None:
        self._api = api

    def accept(self, delivery: Delivery, user_id: str) -> None:
        """Raises what the person sees when the app did not acknowledge in time, or not with success."""
        if delivery.ok:
            return
        what = f"{delivery.name} by {user_id}"
        if delivery.problem == "operation_timeout":
            raise NotAcknowledged(f"{what} failed with the error “operation_timeout”: no acknowledgement in time.")
        if delivery.problem:
            if "1009" in delivery.problem:
                self._api.refuse(f"ack of {delivery.name}", "message_too_big", (delivery.problem,))
            raise NotAcknowledged(f"{what} failed with the error “dispatch_failed”: {delivery.problem}.")
        detail = f"the app answered HTTP {delivery.status}: {str(delivery.answer)[:300]}"
        raise NotAcknowledged(f"{what} failed with the error “http_error”: {detail}")

    def command(self, delivery: Delivery, user_id: str, channel: str, typed: str) -> Message | None:
        """The message in the acknowledgement of a command, if there is one: ephemeral unless `in_channel`."""
        answer = delivery.answer
        if not answer:
            return None
        payload: Json = answer if isinstance(answer, dict) else {"text": str(answer)}
        if not any(payload.get(key) for key in ("text", "markdown_text", "blocks", "attachments")):
            return None
        try:
            content = content_of(self._api, Args(payload), f"ack of {delivery.name}")
        except SlackError as refusal:
            raise self._refused(delivery, refusal) from None
        api, app = self._api, self._api.app
        in_channel = payload.get("response_type") == "in_channel"
        if in_channel:
            # In the channel the typed command is shown too, under the person's name.
            api.workspace.post(Message(channel, "", user_id, typed))
        ephemeral_to = None if in_channel else user_id
        return api.workspace.post(
            Message(channel, "", api.bot, ephemeral_to=ephemeral_to, bot_id=app.bot_id, app_id=app.id, **content)
        )

    def submission(self, delivery: Delivery, view: View) -> list[View]:
        """Does what the acknowledgement of a submission asks; answers the views that `clear` has closed."""
        screens, answer = self._api.workspace.screens, delivery.answer
        if not answer:
            screens.close_view(view)
            return []
        if not isinstance(answer, dict):
            raise self._refused(delivery, SlackError("invalid_response_action"))
        action = answer.get("response_action")
        try:
            if action == "clear":
                return screens.clear(view.user)
            if action == "errors":
                screens.set_errors(view, self._errors(answer.get("errors"), view))
            elif action == "update":
                screens.redraw(view, checked_view(answer.get("view"), "modal"))
            elif action == "push":
                screens.push_on(view.user, checked_view(answer.get("view"), "modal"))
            else:
                raise SlackError("invalid_response_action")
        except SlackError as refusal:
            raise self._refused(delivery, refusal) from None
        return []

    def options(self, delivery: Delivery) -> list[Json]:
        """What a block_suggestion's answer offers, as option groups; options without groups are one without a label."""
        answer: Any = delivery.answer
        payload = answer if isinstance(answer, dict) else {}
        faults = check_options(payload)
        if faults:
            refusal = SlackError("invalid_options", response_metadata={"messages": pointed(faults)})
            raise self._refused(delivery, refusal)
        groups: list[Json] = payload.get("option_groups") or [{"options": payload.get("options") or []}]
        return groups

    def _errors(self, errors: Any, view: View) -> dict[str, str]:
        """Field errors must be keyed by the block_id of an input block that is there (bolt-js issue 544)."""
        inputs = {str(one["block_id"]) for one in view.blocks if one.get("type") == "input"}
        if not isinstance(errors, dict) or not errors:
            raise SlackError("invalid_errors", response_metadata={"messages": ["[ERROR] no errors given"]})
        unknown = [key for key in errors if key not in inputs]
        if unknown:
            messages = [f"[ERROR] {key!r} is not the block_id of an input block" for key in unknown]
            raise SlackError("invalid_errors", response_metadata={"messages": messages})
        bad = [key for key, text in errors.items() if not isinstance(text, str) or not text]
        if bad:
            messages = [f"[ERROR] the error of {key!r} has no text" for key in bad]
            raise SlackError("invalid_errors", response_metadata={"messages": messages})
        return dict(errors)

    def _refused(self, delivery: Delivery, refusal: SlackError) -> NotAcknowledged:
        messages = tuple((refusal.extra.get("response_metadata") or {}).get("messages") or ())
        self._api.refuse(f"ack of {delivery.name}", refusal.code, messages)
        detail = "; ".join(messages) or "see sandbox.deliveries"
        return NotAcknowledged(f"Slack does not take the acknowledgement of {delivery.name}: {refusal.code} ({detail})")
