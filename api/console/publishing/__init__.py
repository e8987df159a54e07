"""What the pages of publishing and of taking back at once are drawn with."""
