"""The faces of the hub: each messenger has a client (send), a listener (hear) and a renderer (show)."""
