"""Updates: what is new, for whom, who has seen it, and telling those who have not."""
