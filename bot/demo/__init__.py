"""A demonstration: a stand-in for Medium on this machine, with faults on purpose, and a repository in memory."""
