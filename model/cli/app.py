"""Entry for ``costclaim dashboard``."""

from model.dashboard.router import main

main()
