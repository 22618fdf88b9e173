"""`hub mailing …`: what operators do with mailings."""
