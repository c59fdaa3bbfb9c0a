"""The emoji names that apps write most; any other name stays as it was typed."""

# The reactions that are offered without a picker.
QUICK = ("white_check_mark", "eyes", "raised_hands")

EMOJI = {
    "+1": "👍", "-1": "👎", "alarm_clock": "⏰", "arrow_right": "➡️", "ballot_box_with_check": "☑️", "bell": "🔔",
    "bar_chart": "📊", "bookmark": "🔖", "briefcase": "💼", "bulb": "💡", "calendar": "📆",
    "chart_with_upwards_trend": "📈",
    "clap": "👏", "clipboard": "📋", "clock3": "🕒", "date": "📅", "email": "📧", "envelope": "✉️",
    "exclamation": "❗", "eyes": "👀", "file_folder": "📁", "fire": "🔥", "grey_question": "❔", "handshake": "🤝",
    "hash": "#️⃣", "heart": "❤️", "heavy_check_mark": "✔️", "hourglass": "⌛", "hourglass_flowing_sand": "⏳",
    "inbox_tray": "📥", "information_source": "ℹ️", "label": "🏷️", "large_blue_circle": "🔵",
    "large_green_circle": "🟢", "large_orange_circle": "🟠", "large_yellow_circle": "🟡", "link": "🔗", "lock": "🔒",
    "mag": "🔍", "mailbox": "📫", "mega": "📣", "memo": "📝", "money_with_wings": "💸", "moneybag": "💰",
    "no_entry": "⛔", "no_entry_sign": "🚫", "octagonal_sign": "🛑", "office": "🏢", "outbox_tray": "📤",
    "page_facing_up": "📄", "paperclip": "📎", "partying_face": "🥳", "pencil": "📝", "pencil2": "✏️",
    "point_right": "👉",
    "pushpin": "📌", "question": "❓", "raised_hands": "🙌", "recycle": "♻️", "red_circle": "🔴", "rocket": "🚀",
    "rotating_light": "🚨", "scales": "⚖️", "smile": "😄", "sparkles": "✨", "speech_balloon": "💬", "star": "⭐",
    "stopwatch": "⏱️", "tada": "🎉", "thumbsup": "👍", "thumbsdown": "👎", "timer_clock": "⏲️", "trophy": "🏆",
    "warning": "⚠️", "wastebasket": "🗑️", "wave": "👋", "white_check_mark": "✅", "white_circle": "⚪",
    "wrench": "🔧", "writing_hand": "✍️", "x": "❌", "zap": "⚡",
}  # fmt: skip
