"""See, test and ship LLM agents."""
