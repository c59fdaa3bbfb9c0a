"""What is reached over HTTP: Slack's deliveries, the probes of those who run claimbot, its metrics."""

from bot.web.metrics import Metrics, timed_dispatch
from bot.web.pages import Probe, Probes, build_web
from bot.web.server import Server, serve_web

__all__ = ["Metrics", "Probe", "Probes", "Server", "build_web", "serve_web", "timed_dispatch"]
