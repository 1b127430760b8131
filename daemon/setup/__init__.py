"""What stands behind `homeward init`: what this machine already knows about the user, which servers they have, the questions, and
the config made of the answers. Only `text.write` writes, and it never overwrites."""
