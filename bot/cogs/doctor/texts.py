"""What the doctor says around his findings; the findings themselves are sentences of `checks`."""

DOCTOR_COMMAND = "Find out why the bot does not do what it should"
ALL_WELL = "All is well"
SOME_WARNINGS = "It works, but look at this"
SOME_FAULTS = "Something is broken"
FINDING = "{mark} {what}"
ADVISED = "{mark} {what}\n→ {advice}"
MORE = "… and {count} more"
