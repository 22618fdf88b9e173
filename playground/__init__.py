"""Telegram and Slack on loopback, and a page to chat with the hub: the demo and the tests use the same."""
