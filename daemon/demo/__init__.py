"""`make demo`: the whole main job in a throw-away home, with a clock that the story moves. Every step is a command that a user
would type, run for real on files; only the time and the other people are played."""
