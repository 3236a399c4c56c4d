"""All that the lessons say, one file each: fixed texts, findings(verdict), beliefs, questions."""
