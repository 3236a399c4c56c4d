"""What a result shows: judge(result) -> Verdict. Who, by how much, how often; no English."""
