"""views.*: modals and Home tabs."""

from typing import Any

from sandbox.blocks import check_view
from sandbox.errors import SlackError
from sandbox.objects import Json
from sandbox.web_api import Api, Args, method, refuse_faults


def checked_view(view: Any, *types: str) -> Json:
    """A view an app may send here. Refusals: `invalid_arguments` with pointers, `view_too_large`."""
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: view"]})
    if view.get("type") not in types:
        message = f"[ERROR] must be one of: {', '.join(types)} [json-pointer:/view/type]"
        raise SlackError("invalid_arguments", response_metadata={"messages": [message]})
    refuse_faults(check_view(view), "invalid_arguments", "/view")
    return view


@method("views.open")
def open_view(api: Api, args: Args) -> Json:
    view = checked_view(args.structure("view"), "modal")
    trigger_id = args.required("trigger_id")
    return {"view": api.workspace.screens.open(trigger_id, view).to_json(with_state=True)}


@method("views.push")
def push_view(api: Api, args: Args) -> Json:
    view = checked_view(args.structure("view"), "modal")
    return {"view": api.workspace.screens.push(args.required("trigger_id"), view).to_json()}


@method("views.update")
def update_view(api: Api, args: Args) -> Json:
    view = checked_view(args.structure("view"), "modal", "home")
    view_id, external_id = args.text("view_id"), args.text("external_id")
    if view_id is None and external_id is None:
        raise SlackError("invalid_arguments")
    return {"view": api.workspace.screens.update(view, view_id, external_id, args.text("hash")).to_json()}


@method("views.publish")
def publish_view(api: Api, args: Args) -> Json:
    if not api.app.home_tab_enabled:
        raise SlackError("not_enabled")
    view = checked_view(args.structure("view"), "home")
    user = api.workspace.user(args.required("user_id"))
    return {"view": api.workspace.screens.publish(user.id, view, args.text("hash")).to_json()}
