"""The guide's advice on a config: one module a topic, one function a rule.

A rule yields a hint where the config leaves what the guide recommends; one on layers sees a single layer. Its
recommended value, set alone, ends that hint; what it stirs up elsewhere is `hints`' business.
"""
