"""What is said: phrases and templates, their variables, filters and languages, and what a text may not do."""
