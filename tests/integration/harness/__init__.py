"""Programs under test and the tools around them: start, talk to, stop. No fixtures here; see conftest.py."""
