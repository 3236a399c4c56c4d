"""One question a file: a frozen Config, run(config) -> Result, findings(result)."""
