"""One file per framework, crewAI a folder; none knows another."""
