"""Decisions: pure functions over frozen values. Time is passed in; nothing here reads, writes, logs or waits."""
