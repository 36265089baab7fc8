"""The bot's own sentences, all in one place. What the FAQ says never stands here."""

AUTOMATIC = "Automatic answer from the FAQ"
SIMILARITY = "similarity {similarity:.2f}"
HINT_TITLE = "Not what you needed?"
DID_YOU_MEAN = "Did you mean …?"
NO_ANSWER = "I found nothing about that in the FAQ. Try other words, or wait for a person who knows."
ASK_ME = "Ask me a question in a sentence, and I look it up in the FAQ. `/ask` shows what I know while you type."
ALREADY_ANSWERED = "I answered that for you a moment ago."
ALREADY_ANSWERED_AT = "I answered that for you a moment ago: {url}"
ENTRY_GONE = "That entry is no longer in the FAQ. Ask again to see what is."
ANSWERED_BELOW = "Answered: {url}"
NOTHING_TO_READ = "That message has no text that I could look up."
FAILED = (
    "Something went wrong on my side, sorry. Try again in a minute; "
    "if it stays like this, tell the people who run this bot: the cause is in its log."
)

ASK_DESCRIPTION = "Ask the FAQ a question"
ASK_QUESTION = "Your question in your own words, or pick one"
ASK_PRIVATE = "Show the answer to you alone (default: no)"
ANSWER_FROM_FAQ = "Answer from FAQ"
