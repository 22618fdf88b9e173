"""A client goes through checklists: the rules, the use cases, the cards."""
