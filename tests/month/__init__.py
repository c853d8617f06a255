"""A month of nightly runs against stand-ins for Medium and GitHub, with the faults that a month brings."""
