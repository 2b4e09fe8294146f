"""The demonstration: a server, a site, people, a laptop, and the main job from consent to signed paper.

Real parts throughout: a server process, TLS, encrypted files, production key derivation. The people
and the participant are invented and exist nowhere.
"""
