"""What people see of a claim. Pure: from rows to Block Kit, no Slack client and no database here."""
