"""The network: asks politely, refuses what it must not touch, and turns every answer into an `Outcome`."""
