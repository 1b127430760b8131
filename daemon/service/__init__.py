"""The background service. The process that waits knows neither calendars nor mail: it decides when a pass is due and lets a
short-lived child make it, so that it stays small for months. What it loads is the standard library and `schedule` alone."""
