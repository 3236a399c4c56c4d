"""All that the lessons say, a file or a folder each: fixed texts, findings, beliefs, challenges."""
