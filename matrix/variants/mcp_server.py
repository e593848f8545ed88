"""A server of the Model Context Protocol with one tool, spoken to by its stdin and stdout."""

from mcp.server.fastmcp import FastMCP

SERVER = FastMCP("sums")


@SERVER.tool()
def add_up(a: int, b: int) -> str:
    """Add two numbers."""
    return str(a + b)


if __name__ == "__main__":
    SERVER.run()
