"""What members are told about what is kept of them."""

GROUP = "What I keep of you, and how you get rid of it"
SHOW_COMMAND = "What I keep of you, in plain words"
DELETE_COMMAND = "Delete everything that I keep of you, now"
OPT_OUT_COMMAND = "Delete it, and keep nothing of you from now on; I still answer you"
OPT_IN_COMMAND = "Let me keep your questions again"
EXPORT_COMMAND = "Get everything that I keep of you as a file"

TITLE = "What I keep of you"
WHAT = "What"
WHAT_TEXT = (
    "What you ask me, and what you write in a channel where I read along if it looks like a question: the text, when "
    "and where you wrote it, which answer I found, and numbers made of the text by which I find similar questions. "
    "Your name and your id are not among it: instead of them stands a code that nobody can turn back without the key "
    "of whoever runs me."
)
WHY = "What for"
WHY_TEXT = (
    "So that the people who look after this server's FAQ see which questions come back. They and whoever runs me can "
    "read the questions. If they take one over into the FAQ, or want no report to name it again, they keep its text, "
    "without saying who asked."
)
HOW_LONG = "For how long"
HOW_LONG_TEXT = (
    "For {days} days; then only the number of questions stays. If you delete your message, I delete the question at "
    "once and take back my reply. What I delete goes from the reports that I have posted, too: at once if you wanted "
    "it deleted, within a day if its time was over."
)
NOW = "Right now"
NOW_NONE = "Nothing."
NOW_NOT_LOGGED = "In this server no questions are kept at all."
NOW_OPTED_OUT = "Nothing, and I keep nothing: you opted out. `/privacy opt-in` changes that."
YOUR_CHOICE = "You decide"
YOUR_CHOICE_TEXT = (
    "`/privacy delete` deletes all of it now. `/privacy opt-out` deletes it and keeps nothing from now on; I still "
    "answer you. `/privacy export` gives it to you as a file."
)
ADMINS = "If you look after the FAQ"
ADMINS_TEXT = "The history of the FAQ and of the settings names whoever changed something by their id."

NOTHING_TO_DELETE = "There was nothing of yours to delete."
OPTED_OUT = "From now on I keep nothing of you, and still answer you."
OPTED_IN = "I keep your questions again, from now on. `/privacy show` tells what that means."
OPTED_IN_ALREADY = "You had not opted out."
EXPORTED = "Everything that I keep of you:"
EXPORTED_NOTHING = "I keep nothing of you."
