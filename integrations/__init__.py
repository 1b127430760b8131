"""One outside system per file, behind the Protocols in `ports`. Library errors are translated at the edge."""
