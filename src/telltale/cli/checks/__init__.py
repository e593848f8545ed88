"""What `telltale doctor` looks at: one file a topic, each a plain function that yields findings.

A check changes nothing, waits for nobody longer than two seconds, and is given what it looks at.
"""
