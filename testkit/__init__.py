"""For tests of one's own workflow: the fixtures of `plugin`, which pytest finds by itself, and what they hand out."""
