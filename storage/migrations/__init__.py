"""Every step from an empty database to today's tables, in order. Forward only: to go back, restore a backup."""
