"""Measurements that print ratios of two things run side by side in one go, so that a noisy machine does not decide."""
