"""The equations: pure, vectorised, no input or output.

Every public function of ``price``, ``overhead``, ``staff``, ``energy`` and ``scopes`` is a node of the cost graph: its name is
what it computes and its arguments name what it needs. An argument is another equation, or the id of a parameter with its dots
written as underscores (``ownership.server_price`` -> ``ownership_server_price``). ``model.graph`` joins them.
"""
