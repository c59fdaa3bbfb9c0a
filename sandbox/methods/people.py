"""auth, apps, users, team and bots: who is who."""

from sandbox.errors import SlackError
from sandbox.methods.conversations import page
from sandbox.objects import Json
from sandbox.web_api import Api, Args, method


@method("auth.test")
def auth_test(api: Api, args: Args) -> Json:
    team = api.workspace.team
    return {
        "url": f"{api.workspace.url_base}/",
        "team": team.name,
        "user": api.workspace.user(api.bot).handle,
        "team_id": team.id,
        "user_id": api.bot,
        "bot_id": api.app.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open")
def open_connection(api: Api, args: Args) -> Json:
    return {"url": api.open_socket()}


@method("users.info", "users:read")
def user_info(api: Api, args: Args) -> Json:
    user = api.workspace.user(args.required("user", "user_not_found"))
    return {"user": user.to_json(api.workspace.team.id, api.app.has_scope("users:read.email"))}


@method("users.list", "users:read")
def list_users(api: Api, args: Args) -> Json:
    shown, cursor = page(list(api.workspace.users.values()), args, 1000)
    with_email = api.app.has_scope("users:read.email")
    return {
        "members": [one.to_json(api.workspace.team.id, with_email) for one in shown],
        "response_metadata": {"next_cursor": cursor},
    }


@method("users.lookupByEmail", "users:read.email")
def lookup_by_email(api: Api, args: Args) -> Json:
    """Only people of the workspace itself who are not deactivated."""
    email = args.required("email", "users_not_found").casefold()
    for user in api.workspace.users.values():
        if (user.email or "").casefold() == email and not user.deleted and user.team == api.workspace.team.id:
            return {"user": user.to_json(api.workspace.team.id, with_email=True)}
    raise SlackError("users_not_found")


@method("team.info", "team:read")
def team_info(api: Api, args: Args) -> Json:
    team = api.workspace.team
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}}


@method("bots.info", "users:read")
def bot_info(api: Api, args: Args) -> Json:
    if args.text("bot") not in (None, api.app.bot_id):
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": api.app.bot_id,
            "deleted": False,
            "name": api.app.bot_name,
            "updated": 0,
            "app_id": api.app.id,
            "user_id": api.bot,
            "icons": {},
        }
    }
