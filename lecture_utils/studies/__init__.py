"""What one chapter and its long experiment share, and no other chapter."""
