"""A month of nights against stand-ins for Medium and GitHub, with the faults that a month brings."""
