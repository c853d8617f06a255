"""A stand-in for Medium on this machine: recorded facts, faults on purpose, real sockets."""
