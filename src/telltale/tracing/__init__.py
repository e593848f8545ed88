"""Where spans are born: in the user's process, safe before control returns to the user."""
