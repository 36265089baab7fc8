"""An FAQ that is big enough to be calibrated, with chatter that it does not answer."""

from bot.core.types import Entry

_PHRASINGS = {
    "password": ("How do I change my password?", "Where can I reset my password?", "I forgot my password"),
    "refund": ("Can I get a refund?", "How do refunds work?", "Do you refund a late parcel?"),
    "shipping": ("What does shipping cost?", "Is shipping free abroad?", "How much is shipping to Norway?"),
    "opening": ("When are you open?", "What are the opening hours?", "Are you open on Sundays?"),
    "invoice": ("Where is my invoice?", "How do I download an invoice?", "The invoice has a wrong address"),
    "account": ("How do I delete my account?", "Please close my account", "Can my account be removed?"),
    "discount": ("Is there a student discount?", "Do teachers get a discount?", "Which discounts are there?"),
    "warranty": ("How long is the warranty?", "What does the warranty cover?", "Is water under warranty?"),
    "language": ("Which languages are supported?", "Can I switch the language?", "Is there a German version?"),
    "backup": ("How do I make a backup?", "Where are backups kept?", "Can a backup be restored?"),
}
BIG = tuple(Entry(name, texts[0], f"About the {name}.", texts[1:]) for name, texts in _PHRASINGS.items())
CHATTER = (
    *("good morning all", "lol", "nice one", "who wants to play chess tonight", "haha that cat", "see you tomorrow"),
    *("my train is late again", "anyone seen the match?", "happy birthday Ann", "brb lunch", "what a goal", "gg"),
    *("is it raining at yours?", "I like this song", "that film was long", "did you sleep well", "ok cool", "thanks!"),
    *("guess what I had for breakfast", "the new season is out", "my dog ate my shoes", "so tired", "any plans?"),
)
