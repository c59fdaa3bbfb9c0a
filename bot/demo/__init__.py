"""What the demo starts with: a small lively programme. It knows nothing of the local Slack that shows it."""
