"""The clients' own campaigns: what other systems tell of them, what it comes to, and what their people are shown."""
