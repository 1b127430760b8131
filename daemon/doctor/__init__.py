"""What stands behind `homeward doctor`: one file a room, each of which looks and changes nothing."""
