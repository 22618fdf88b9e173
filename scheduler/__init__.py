"""What happens without being asked: the ticker wakes, the courier sends, pacing keeps the platforms' limits."""
