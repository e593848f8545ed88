"""What `telltale doctor` looks at: one file a subject, each with a function
`check_…` that yields findings.

A check changes nothing, waits for nobody longer than two seconds, and is given what it looks at.
"""
