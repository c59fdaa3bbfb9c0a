"""Times as one person reads them: in that person's zone, in Slack's wording."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_TOKEN = re.compile(r"\{(\w+)\}")


def zone(name: str) -> ZoneInfo:
    """A person's zone; UTC for a name nobody knows, so that a typing error costs no page."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def moment(ts: str | float, tz: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC).astimezone(zone(tz))


def clock_time(when: datetime) -> str:
    return f"{when.hour % 12 or 12}:{when:%M} {when:%p}"


def _ordinal(day: int) -> str:
    suffix = "th" if 11 <= day % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def _near(when: datetime, now: datetime) -> str | None:
    """Yesterday, today, tomorrow: the days that have names."""
    days = (when.date() - now.date()).days
    return {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}.get(days)


def _year(when: datetime, now: datetime) -> str:
    """The year, only where it is not the obvious one."""
    return "" if abs(now - when) < timedelta(days=180) or when.year == now.year else f", {when.year}"


def day_name(when: datetime, now: datetime) -> str:
    """What stands over the messages of a day."""
    return _near(when, now) or f"{when:%A, %B} {_ordinal(when.day)}{_year(when, now)}"


def full(when: datetime) -> str:
    """A moment without doubt, as the hint over a short time."""
    return f"{when:%A, %B} {_ordinal(when.day)}, {when.year} at {clock_time(when)}"


def _ago(when: datetime, now: datetime) -> str:
    seconds = (now - when).total_seconds()
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        count = int(abs(seconds) // size)
        if count:
            span = f"{count} {unit}{'s' if count > 1 else ''}"
            return f"{span} ago" if seconds > 0 else f"in {span}"
    return "just now"


def date_text(unix: str, pattern: str, tz: str, now: datetime) -> str:
    """`<!date^unix^pattern^link|fallback>` for one reader (docs.slack.dev, formatting message text).

    The days that have names stand in small letters, as within a sentence.
    """
    when, now = moment(unix, tz), now.astimezone(zone(tz))
    short, long = f"{when:%b} {when.day}, {when.year}", f"{when:%A, %B} {_ordinal(when.day)}, {when.year}"
    plain = f"{when:%B} {_ordinal(when.day)}, {when.year}"
    near = (_near(when, now) or "").lower()
    words = {
        "date_num": f"{when:%Y-%m-%d}",
        "date_slash": f"{when:%m/%d/%Y}",
        "date": plain,
        "date_short": short,
        "date_long": long,
        "date_pretty": near or plain,
        "date_short_pretty": near or short,
        "date_long_pretty": near or long,
        "date_long_full": f"{when:%B} {when.day}, {when.year}",
        "day_divider_pretty": day_name(when, now),
        "time": clock_time(when),
        "time_secs": f"{when.hour % 12 or 12}:{when:%M:%S} {when:%p}",
        "ago": _ago(when, now),
    }
    return _TOKEN.sub(lambda found: words.get(found[1], found[0]), pattern)
