"""Config, clock, ledger, the pass, the scheduler, the command line and the service."""
