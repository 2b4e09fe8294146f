"""The central server, as its routes and command line are used."""
