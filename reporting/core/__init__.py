"""Pure rules of reporting: reading what was typed and checking it. No Django, no clock."""
