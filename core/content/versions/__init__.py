"""What the content was, what changed, and what was in force when."""
