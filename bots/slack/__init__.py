"""The Slack face of the hub: hears what people do there, shows them cards."""
