"""What admins write in `content/`, read strictly and held as one frozen catalogue."""
