"""Our side of the conversation: what CSMs are told, and how they answer."""
