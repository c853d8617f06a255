"""The figures that the README states, each beside its bound and beside what other link checkers need.

All requests stay on loopback; only the installation of the other checkers asks a package registry.
"""
