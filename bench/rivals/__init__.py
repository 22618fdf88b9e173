"""The bots we compare with: the shortest echo each library's documentation would write."""
