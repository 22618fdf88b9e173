"""Servers as light as can be: they answer like the platforms but check nothing, so that the bot is what is measured."""
