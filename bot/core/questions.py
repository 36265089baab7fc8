"""Who asks the room for something: telling questions and reports of trouble from chatter.

A linear model over named cues that can be read one by one. `benchmarks/questions.py` measures it on labelled lines of
open channels and, with `--fit`, fits the weights again. The cues are English; in other languages only the question
mark speaks, whatever its script.

Of the lines that had no part in choosing cues and weights, 84 % of those taken for questions are, and 90 % of the
questions are found; of the hard ones, questions without the form and chatter with it, 75 % and 80 %.
"""

from __future__ import annotations

import math
import re
from functools import cache

MIN_SCORE = 0.5
"""A text with at least this score is taken for a question: it is more likely one than not."""

FOREIGN_SCORE = 0.9
"""The least score of a text with a question mark and letters that English has not: there, only the mark can be read."""

FIRST_WORDS = 3
"""A topic among the first words is what a text without a verb is about ("shuttle times pls")."""

FEW_WORDS = 6
"""Up to so many words about a topic are more likely a request in brief than a story."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What FAQs are about: what people log in to, pay for, install, wait for, sign up to or turn up at.
_TOPICS = _words(
    """
    account acc login log signin password pw pass passcode pin username nickname email mail profile avatar 2fa otp
    captcha authenticator verification verify code promo coupon voucher discount gift key licence license serial
    subscription plan tier trial premium nitro membership member pro price pricing cost fee payment paypal card invoice
    receipt refund charge credit bill order package parcel box shipping ship shipment delivery courier tracking return
    label warranty guarantee size sizing stock restock store shop cart checkout preorder customs address app website
    site page browser link invite url download installer install setup update version patch launcher client server ip
    port host domain ssl dns lobby queue bot command role rank channel vc voice rule permission perm whitelist unban ban
    appeal report ticket notification ping setting option menu button screen video subtitle stream audio mic sound file
    folder upload import export backup save sync data database query api endpoint token doc docs documentation guide
    tutorial manual instruction docker build script config plugin addon extension library module repo branch driver
    firmware device sensor printer controller headset router wifi bluetooth battery charger cable usb android ios
    windows mac linux course class lesson lecture webinar exam test quiz homework assignment submission grade
    certificate form application scholarship tuition registration signup enrolment timetable schedule calendar deadline
    date hours opening parking shuttle entrance gate locker desk slot waitlist event meetup workshop rehearsal
    tournament tourney tryout season league wipe raid guild clan skin pet xp lvl perk vip reward points coin gem
    currency loot quest map world spawn claim texture modpack mod kit pattern part spare rental requirement policy
    contact support staff
    """
)
# What people say of things that do not do what they should.
_TROUBLE = _words(
    """
    error errors broken broke bugged bug glitch glitched crash crashes crashed crashing freeze freezes frozen freezing
    stuck fail fails failed failing failure invalid expired rejects rejected denied declines declined refuses refused
    missing gone disappeared disappears vanished corrupt corrupted empty empties blank locked blocked banned kicked
    disconnects disconnected timeout flicker flickers flickering offline unavailable down damaged cracked snapped wrong
    twice undefined unknown unsupported incompatible unreachable lost stolen forgot hacked overcharged charged drops
    dropped loop bricked unresponsive delayed unable greyed grayed leaking faulty defective unauthorized forbidden
    limited invisible problem problems trouble issue issues unreadable blurry laggy lagging hangs
    buffering silent shuts reboots rebooting jammed scratched ripped torn loose mismatch exceeded unverified garbled
    choppy stutters stuttering distorted revoked suspended disabled deactivated overheats overheating beeping leaks
    endless pending rattles
    """
)
_BANTER = _words(
    """
    lol lul lmao lmfao rofl haha hahaha hehe ahah xd kek jk smh bruh omg omfg wtf tf wth damn dang heck hell fr ngl huh
    srsly seriously wow oof ouch yay bro dude vibes legend joke joking kidding sus goat literally brain
    sanity motivation soul dignity humanity dying crying screaming laughing tho
    """
)
_PRAISE = _words(
    """
    love loved loves loving amazing awesome gorgeous incredible perfect proud beautiful lovely sweet cool nice great fun
    funny cute favourite favorite hate hated tired happy glad excited brilliant wonderful congrats thanks
    congratulations gratz gg wp luck thx ty tysm thank cheers welcome medal rude
    """
)
# What people talk about when they talk.
_EVERYDAY = _words(
    """
    food pizza coffee tea lunch dinner breakfast cake soup beer snack snacks hungry weather rain raining snow snowing
    sun cold sleep sleeping asleep bed nap dream movie film episode song album concert weekend birthday cat weird
    shoes hair friday monday mom mum dad sister brother boss neighbour neighbor roommate grandma grandpa wife husband
    girlfriend boyfriend goal goals kitchen holiday vacation christmas
    """
)
# What makes a statement of a few words about a topic: "printers can smell fear", "support was quick".
_STATING = _words(
    """
    is are was were has had will can looks look feels sounds works runs goes takes gets got came went made took won saw
    answered finished passed closed moved changed added started ended ate destroyed like im its i he she we they
    """
)
_THIRD_PERSONS = _words("he she him his her hes shes")
_FIRST_PERSONS = _words("i im ive me my we our")
_SECOND_PERSONS = _words("you u your ur youre yours ya yall yourself")
_IMPERATIVES = _words(
    """
    hold put open click go try use delete clear check set turn type run press ask read look wait keep make restart
    reinstall follow add remove select choose pick send post ping contact write vote bring remember see come get give
    take let imagine head scroll unplug plug dont drop fill dm join enjoy stop say suppose meet rate flip
    pray watch spell guess
    """
)
# What questions are made of that ask about the talk they stand in.
_REACTIONS = _words(
    """
    what wat wut who why how when where huh sorry seriously really right wait no yes yeah ok okay so sure me i you u him
    her them that this it is are was did do not same again already too and or but oh ah eh hm hmm true say excuse pardon
    for real good fine still there here now then they he she we lol omg bro dude the hell guys
    """
)
_STATEMENT_STARTS = _words(
    """
    the that thats this these those they theyre we were he hes she shes it its there theres our all both every everyone
    nobody
    """
)
_ASSENTS = _words(
    """
    yes yeah yea yep yup ye no nope nah true agreed same exactly haha lol lmao sure done nvm nevermind thanks thx ty gg
    fair wow good great nice congrats well brb gtg afk maybe morning evening night goodnight gm gn
    """
)

# What the patterns are made of. They read what `_plain` returns: lower case, no apostrophes. Every repetition is
# bounded, so that the time grows with the length of the text and no faster.
_ANY_ONE = r"(?:any|some) ?(?:one|body|1)"
_BE = r"(?:am|is|are|was|were|isnt|arent|wasnt|werent)"
_DO = (
    r"(?:do|does|dose|did|dont|doesnt|didnt|has|have|hasnt|havent|can|could|cant|couldnt|will|would|wont|should|shall|"
    r"may|must)"
)
_ING = r"\w{2,20}ing"
_ERROR = r"(?:error|errors|message|warning)"
_SUBJECT = (
    r"(?:i|we|they|it|there|this|that|these|those|my|our|their|its|the|a|an|any|all|every|everyone|people|players|"
    r"members?|users?|students?|one|new|old|both|some)"
)
# Where a clause begins: at the start, after a mark, or after a word that joins.
_OPENERS = r"also|btw|anyways?|ok|okay|hi|hey|hello|guys|all|pls|please|sorry|um|uh|wait|yo|question|idea|(?<!i )know"
_START = rf"(?:^(?:so )?|[,.;:!?()\"-] ?|\b(?:{_OPENERS}) )"
_CLAUSE = rf"(?:^|[,.;:!?()\"-] ?|\b(?:and|but|so|or|then|{_OPENERS}) )"
_HOW = (
    r"(?:how (?:i |we )?(?:do|does|did|can|could|should|would|will|to|2|too|much|many|long|often|soon|far|big|late|"
    r"early|hard|high|is the|are the|is my|are my|get|join|make|install|use|change|reset|fix|find|add|buy|download|"
    r"connect)\b|howd |how come )"
)
_WHAT = r"(?:what|wat|waht|where|wher|wehre|when|wen|who|whom|which|wich|why)"

# Each cue's pattern. A line break stands for another "|", wherever it is.
_CUES = {
    # Forms of questions.
    "how": rf"{_CLAUSE}{_HOW}",
    "what": rf"""
        {_CLAUSE}(?:{_WHAT} (?:{_BE}|{_DO}|if|happens|happened|about|now|next|else|time|kind|the|counts|i can
            i find)\b
            (?:whats|wats|wheres|whens|whos|whys|hows)[ ]
            (?:what|which|wich|whose) (?!is |are )\w{{2,20}} (?:\w{{1,20}} ){{0,2}}(?:{_BE}|{_DO}|goes|to)\b)
        \bwhere (?:download|buy|find|get|to)\b
    """,
    "inversion": rf"""
        {_START}(?:is|are|does|dose|did|has|isnt|arent|doesnt|was|were) (?!(?:you|u|your|ur|he|she|his|her)\b)\w
        {_CLAUSE}(?:(?!have (?:a|an|one|some|all)\b){_DO} {_SUBJECT}\b
            (?:is|are) (?:it|there|this|the|my)\b
            (?:do|can|could|will|would|should) (?:\w{{2,20}} ){{0,2}}\w{{2,20}}s \w)
    """,
    "do i": r"(?<!why )\b(?:do|does|can|could|should|shall|may|will|would|must) (?:i|we|my|our)\b",
    "do you": rf"{_CLAUSE}(?:{_WHAT} |how )?(?:{_BE}|{_DO}) (?:you|u|ya|yall|your|ur)\b",
    # Here "you" stands for "one" or for "your shop".
    "do you offer": r"""
        \b(?:do|can|could|would|should) (?:you|u) (?:guys )?(?:please |pls )?(?:need|have to|get|change|use|lose
            pay|buy|sell|apply|reset|cancel|return|keep|transfer|move|switch|swap|upgrade|renew|offer|accept
            ship|support|still|recommend|suggest|deliver|take|provide|allow|explain|help|(?:tell|show|link
            give) (?:me|us)|know (?:if|how|when|where|what|why))\b
        \bhow (?:do|can|would|should) (?:you|u) (?!do\b|feel|know|like|sleep)\w
        \bwhere (?:do|can) (?:you|u) (?:get|find|see|buy|change|put|go)\b
    """,
    "anyone": rf"""
        \b{_ANY_ONE} (?:here |else |please |pls |ever |by chance )?(?:knows?|no|got|has|have|had|having|getting
            explain|tell|able|can|could|understands?|seen|figured|managed?|using|point|confirm)\b
        \b(?:does|do|did|has|is|dose) {_ANY_ONE}\b|[ ]{_ANY_ONE}\?*$
    """,
    "indirect": r"""
        \b(?:wondering|curious|unsure|confused) (?:if|how|whether|when|what|where|why|who|which|about)\b
        \bany (?:idea|clue|chance|way|news|eta|tips|advice|info|word|update|workaround)\b
        \b(?:no idea|no clue|not sure|idk|dunno|cant figure out|dont (?:know|get|understand|see)
            would love to know|like to (?:know|ask)|(?:want|wanted|need|trying) to (?:know|ask|find|find out
            figure out|understand)) (?:how|what|where|why|when|who|if|which|whether)\b
        \bis there (?:a|any|some|no) way\b|\bknown (?:thing|issue|bug|problem)\b
        \b(?:quick|stupid|dumb|noob|small|simple) question\b|\b(?:how|what) about (?!no\b|you\b)\w
        [ ](?:when|where|how|how much|how long|which one)\?*$|[,.] (?:what|which) \w{2,20}\?*$
        \b(?:tell|show|link|point|send|give) (?:me|us) (?:how|what|where|why|when|which|the|to the)\b
        \bi (?:have|got) (?:a )?(?:\w{1,20} )?question\b
        \bi (?:dont|do not|cant) (?:understand|get) (?:the|this)\b|\bor (?:nah|no|not)\?*$
        \b(?:what now|ok right|that normal|is it normal)\b
    """,
    # Requests.
    "help": r"""
        ^help\W{0,9}$|\b(?:need|needs|pls|plz|please|looking for|someone|anyone|can u|can you|some) help\b
        (?<!send )(?<!that )(?<!can )(?<!to )\bhelp (?:me|us|pls|plz|please|needed|a)\b(?! (?:god|name|pick
            decide))
        [a-z0-9.,] help[!.]*$|\bin advance\b
    """,
    "please": r"\b(?:pls|plz|please|kindly)\b",
    "asks for": r"""
        ^(?:\w{1,20} ){0,2}(?:looking for|searching for|explain|need (?:a|an|the|some|my|more)|link to
            tell me|requesting|lf)[ ]
        \b(?:whitelist|unban|unmute|verify|accept|approve|add|invite|refund|reset|unlock) (?:me|my)\b
        \b(?:want|wanted|would like|id like|trying|tried) to (?!sleep|die|cry|say)\w|\bquestion about\b
    """,
    # Reports of trouble.
    "cannot": r"""
        \b(?:cant|cannot|can not|couldnt|unable to|not able to|wont|wouldnt|doesnt|dosent|isnt|arent|hasnt|havent
            didnt) (?!(?:believe|wait|stop \w{1,20}ing|talk|relate|complain|lie|even|care|handle|make it|make sense
            sleep|decide|breathe|imagine|remember|feel|blame|argue|expect|know|think|mean|say|realise|realize|notice
            matter|it|that|bad|fair|be|forget|help|laugh)\b)\w
        (?<!you )\b(?:dont|do not|didnt) (?:see|have|get|understand|find|recogni[sz]e|receive|work|show) (?:a|an
            any|the|my|this)\b
    """,
    "problem": rf"""
        \bkeeps? (?:{_ING}|on)\b|\b(?:stopped|stops|not) {_ING}\b
        \bnot (?:available|found|there|visible|given|sent)\b
        \bnot (?!interested|tired|bored|surprised)\w{{2,20}}ed\b
        \b(?:came|comes|arrived) (?:without|with no|in pieces)\b|\bwaiting (?:on|for|since|\d)
        \b(?:does nothing|itself)\b
        \b(?:got|get|getting|been|was|were) (?:charged|kicked|banned|muted|locked|logged out|billed|blocked
            rejected|declined|denied|disconnected|timed out)\b
        \b(?:supposed to|every time|even (?:though|after)|not in (?:the|my)
            only (?:shows|see|get|gives|works|half))\b
        (?:,|\bbut|\band) (?:still )?no (?!one\b|way\b|cap\b|idea\b|thanks\b|worries\b|regrets\b|big\b)\w
        \bafter (?:the |an? |my )?(?:\w{{1,20}} )?(?:update|patch|reset|restart|install|upgrade|login|payment
            deploy)\b
        \bstill (?:no|not|nothing|none|waiting|on|says|shows?|get|stuck|missing|pending|locked|the same|cant
            wont)\b
        \b(?:no|never|nothing) (?:sound|reward|reply|answer|response|access|signal|email|mail|confirmation
            longer|luck|picture|connection|clue|back|happens|yet|works?|shows?|changed|arrive[sd]?|came|comes
            got|gets|loads?|sent)\b
        \b(?:wont|doesnt|not|didnt|refuses to) (?:let|work|load|open|show|connect|start|launch|respond|save
            install)\b
        \bsince (?:the |this |last |yesterdays |todays )?(?:last |new |latest )?(?:update|patch|restart|reset
            version|release|migration|yesterday|morning|night|week)\b
        \b(?:lost|forgot|broke|missed|misplaced|deleted|locked) (?:my|our|myself) (?!mind|temper|patience)
    """,
    "error": rf"""
        (?<!he )(?<!she )\b(?:says|it say|reads|shows|returns|throws|asks for|gives me|tells me
            spits out) (?!who\b|so\b)\w
        \b(?:getting|get|got|gives|with|shows|an) (?:an? |the |this )?(?:\w{{1,20}} )?(?:{_ERROR}\b|\")
        \b(?:error|code|http|status) (?:code )?[a-z]?\d
    """,
    # What is said in answers, in small talk and in jest.
    "me too": r"""
        \bme (?:too|as well|either)\b|\bsame (?:here|thing here)\b|\bas well\b|\b(?:i|we) had\b|^had\b
        \bhappened to me\b|\bbeen there\b
    """,
    "solved": r"""
        \b(?:did it|did the trick|all good|works? (?:now|again|fine)|worked(?! out)|helped|fixed|solved|sorted
            figured it out|found (?:it|them|out)|nvm|never ?mind|turns out|the fix is|resolved|finally
            wrong (?:chat|channel|server|window|thread))\b
    """,
    "advice": rf"""
        (?:^|[,.;:] |\b(?:then|if|and|but|so|yeah|yes|think) )(?:you|u) (?:can|could|have to|need to|should|must
            just|gotta|might|want to|probably|only|get|will)\b
        \byou ?ll\b|^if (?:you|u|anyone|somebody|someone)\b
        \b(?:make sure|i would go|id go|id try|i recommend|let me know)\b
        \b(?:ping me|dm me|happy to|try (?:to|the|{_ING})|in the faq|(?:is|are) pinned)\b
        \bjust (?:wait|go|use|delete|clear|try|type|click|ask|write|ping|put|open|restart)\b
        \bi know (?:how|what|where|why)\b
    """,
    "told": r"""
        \b(?:i|he|she|they|we|people|man|guy|boss|friend|teacher) (?:just |only )?(?:asks?|asked|said|told
            explained)\b
        ^\"|\basks (?:the|a)\b|\b(?:tell|told|asked|ask) (?:him|her|them|me (?:why|how))\b
    """,
    "exclaims": rf"""
        ^(?!{_HOW})how \w{{2,20}}\b(?<!how is)(?<!how are)(?<!how come)|^(?:so )?what (?:a|an)\b|!!|!$
        \b(?:whoever|excuse me)\b|^(?:whoa|oh|ugh|damn)\b
    """,
    "uninverted": r"""
        ^(?:what|when|which|who|why|where|how) (?:he|she|you|they|it)\b
        ^(?:what|when|why|where) (?:i|we) (?!can\b|find\b)|^(?:which|that) is\b|^how to [^:]{0,60}:
    """,
    "rhetorical": r"""
        \bcan (?:i|we) (?:just|all|talk|say)\b|\bmay i (?:present|introduce)\b
        \b(?:do|does|should) (?:i|it) look\b
        \b(?:says who|who (?:cares|asked|knew|knows|wants|wanna|needs|else|hurt|let|put|does that|would have
            even|said))\b
        \bwhy (?:not|would|are (?:you|u)|am i|is (?:he|she)|so serious)\b|\b(?:whats|what is) the point\b
        \bwhat (?:the (?:hell|heck|f\w{0,9}|actual)|even|a|is even|is life|is love|if we)\b
        \bwhat(?:s| is) (?:up|good|going on|happening|wrong with (?:you|u|him|her))\b
        \bis this (?:real|a joke|for real)\b
        \bwhy (?:is|are|do|does|did|am) \w{1,20} (?:\w{1,20} ){0,3}(?:so|always|like (?:this|that)|still|never)\b
        \bam i (?:the only|dreaming|crazy|old|right|blind|a)\b|\bwhat did (?:i|you|he|she) just\b|\bwhat if\b
        \bcan (?:we|you) (?:get a|appreciate|imagine|believe|not)\b|\bcould (?:this|it|that) be\b
        \bwho (?:am i|is he|is she)\b
        \b(?:are|r) (?:you|u|we) (?:kidding|serious|joking|ok|okay|sure|there|mad|insane|still|alive|awake)\b
        \b(?:did|do|dont|would|could) (?:you|u) (?:know|even|ever|remember|mind|like|think|believe|want|feel
            look)\b
        \b(?:wait|say|excuse me|sorry|like|so) what\b|\bsince when\b|\bhow dare\b
        \b(?:there|friday|weekend|over) yet\b
        \b(?:innit|isnt it|arent they|arent you|dont you|doesnt it|wasnt it|eh)\?*$
        \beven (?!if|though|when|after|with)|\bask me (?:how|why|if)\b
        \bwhat (?:do (?:you|u) mean|are (?:you|u|we))\b|\bguess (?:what|who)\b|\b(?:you|u) know what\b
    """,
    "banter": r"""
        [:;]-?[)dp](?!\w)|<3|[\U0001f480\U0001f602\U0001f923\U0001f62d\U0001f606\U0001f60d\U0001f389\u2764]
    """,
    "small talk": r"""
        \bhow (?:are|r|have|was|were|is|has) (?:you|u|ya|everyone|everybody|yall|your|he|she|life)\b|\bhows[ ]
        \b(?:wyd|hbu|wbu|hru|wdym|wassup|sup|wya|for (?:dinner|lunch|breakfast)|suits you)\b
        ^(?:you|u) (?!guys|have|got|accept|ship|sell|offer)\w|\b(?:your|ur) (?:day|weekend|turn)\b
    """,
    "for fun": rf"""
        \b(?:{_ANY_ONE}|who|whos|who is|everyone) (?:else )?(?:up|down|want|wants|wanna|feels?|feeling|awake|alive
            home|playing|in the mood|ready|coming|going|watching|joining|bringing|excited|bored|tired|remembers?
            listening|free|hyped|scared|around|loves?|hates?|sees?|saw|ate|won|stole|made)\b
        \b(?:did|does) {_ANY_ONE} (?:else )?(?:see|watch|hear|catch|notice|remember|feel|love|hate|want|like)\b
        \b(?:poll|of the day|vote|trivia|giveaway|fun fact|hot take|unpopular opinion|plot twist|raffle)\b
    """,
    # Of what has happened, people ask each other.
    "past": rf"""
        {_CLAUSE}(?:(?:{_WHAT} |how )?(?:did|was|were) (?!i\b|my\b)\w
            (?:is|are|was|whats|does) (?:that|those)\b)
        \bwhats this\b|\bwhat (?:is|was) (?:this|that)\b
    """,
    # What helpers ask back.
    "helping": r"""
        \b(?:did|does) (?:that|it|this) (?:help|work|fix|still|happen)\b|\bmaybe (?:its|it|the|try|you)\b
        \b(?:did|have) (?:you|u) (?:try|tried|check|checked|restart|look|read|update|clear)\b
        \bwhat does it say\b|\b(?:can|could) (?:you|u) (?:send|show|post|share|try|check|screenshot|paste|dm)\b
        \bare (?:you|u) (?:on|using)\b
    """,
    "soon": r"""
        \b(?:tonight|tomorrow|in (?:\d+|five|ten|two) (?:min|minutes|mins|hours?)|see you|brb|afk|gtg)\b
    """,
    "i did": r"""
        ^i (?:just |finally |also |really |already )?(?:\w{2,20}ed|made|wrote|sent|bought|went|saw|had|got
            think|love|like|prefer|hate|agree|disagree|need a|would|am|will|can|was|told)\b
        ^(?:im|ive|ill)\b
    """,
}


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Return each cue's pattern, compiled once: who never overhears anything need not wait for that at the start."""
    return {cue: re.compile("|".join(map(str.strip, text.strip().splitlines()))) for cue, text in _CUES.items()}


_FORMS = frozenset({"how", "what", "inversion", "do i", "do you", "do you offer", "anyone", "indirect", "help"})
_REPORTS = frozenset({"cannot", "problem", "error"})
_LISTS = {
    "trouble": _TROUBLE,
    "banter": _BANTER,
    "praise": _PRAISE,
    "everyday": _EVERYDAY,
    "he or she": _THIRD_PERSONS,
    "you": _SECOND_PERSONS,
}

_MARK = re.compile(
    "[?\uff1f\u061f\u037e\u055e\u00bf\u2e2e\u1367\u1945\ua60f\ua6f7\U0001e95f]"
    # Unicode normalises the Greek question mark to the semicolon that Greek keyboards write anyway.
    "|[\u0370-\u03ff\u1f00-\u1fff] ?;"
)
# Logarithms of odds, fitted on the lines for choosing: `benchmarks/questions.py --fit` prints them.
BIAS = -1.0
WEIGHTS = {
    "how": 0.9,
    "what": 0.5,
    "inversion": 0.9,
    "do i": 1.1,
    "do you": -0.3,
    "do you offer": 0.3,
    "anyone": 0.8,
    "indirect": 0.6,
    "help": -0.3,
    "please": 0.4,
    "asks for": 1.1,
    "cannot": 0.9,
    "problem": 1.0,
    "error": 0.8,
    "me too": -1.3,
    "solved": -1.4,
    "advice": -1.3,
    "told": -1.9,
    "exclaims": -0.5,
    "uninverted": -1.0,
    "rhetorical": -2.9,
    "banter": -1.5,
    "small talk": -1.8,
    "for fun": -1.5,
    "past": -1.4,
    "helping": -1.7,
    "soon": -1.0,
    "i did": -1.5,
    "trouble": 1.3,
    "praise": -1.2,
    "everyday": -0.8,
    "he or she": -1.5,
    "you": -1.9,
    "mark": 0.6,
    "asked": 2.3,
    "topic first": 0.9,
    "statement on topic": -0.5,
    "short topic": 1.5,
    "topic in trouble": 1.1,
    "own trouble": 1.1,
    "marked fragment": 1.1,
    "reaction": -1.1,
    "one word": -0.2,
    "imperative": -0.9,
    "statement": -2.0,
    "assent": -2.0,
}

_APOSTROPHE = re.compile("['\u2019\u2018\u02bc\u00b4`]")
_DRAWN_OUT = re.compile(r"([a-z])\1\1+")
_WORD = re.compile(r"\w+")


def _plain(text: str) -> str:
    """Return a text in lower case, without apostrophes (many leave them out) and with drawn-out letters cut short."""
    return _DRAWN_OUT.sub(r"\1", _APOSTROPHE.sub("", text.casefold()))


def is_topic(word: str) -> bool:
    """Return whether a word, in lower case, names something that FAQs are about."""
    return word in _TOPICS or (word.endswith("s") and word[:-1] in _TOPICS)


def find_cues(text: str) -> frozenset[str]:
    """Return the names of the cues in a cleaned text; `WEIGHTS` says what each is worth."""
    plain = _plain(text)
    words = _WORD.findall(plain)
    cues = {cue for cue, pattern in _patterns().items() if pattern.search(plain)}
    mark, asked = _MARK.search(text) is not None, not cues.isdisjoint(_FORMS)
    if mark:
        cues.add("mark")
    if asked:
        cues.add("asked")
    cues |= {cue for cue, listed in _LISTS.items() if not listed.isdisjoint(words)}
    if "do you offer" in cues:
        cues -= {"do you", "you"}
    cues |= _find_start(words, cues)
    # A topic is no hint where the form of a question already is one.
    topic = None if asked else next((index for index, word in enumerate(words) if is_topic(word)), None)
    in_trouble = "trouble" in cues or not cues.isdisjoint(_REPORTS)
    bare = bool(words) and words[0] not in _STATEMENT_STARTS and words[0] not in _FIRST_PERSONS
    reaction = _REACTIONS.issuperset(words)
    flags = {
        "topic first": topic is not None and topic < FIRST_WORDS and bare,
        "statement on topic": topic is not None and not mark and not in_trouble and not _STATING.isdisjoint(words),
        "short topic": topic is not None and len(words) <= FEW_WORDS and bare and _STATING.isdisjoint(words),
        "topic in trouble": topic is not None and in_trouble,
        "own trouble": in_trouble and not _FIRST_PERSONS.isdisjoint(words),
        "marked fragment": mark and not asked and not reaction,
        "reaction": reaction,
        "one word": len(words) == 1,
    }
    cues |= {cue for cue, holds in flags.items() if holds}
    # Who reports what they did, and asks or complains in the same breath, does not just tell a story.
    if mark or asked or in_trouble:
        cues.discard("i did")
    return frozenset(cues)


def _find_start(words: list[str], cues: set[str]) -> set[str]:
    """Return the cues that lie in the first words."""
    first, second = [*words[:2], "", ""][:2]
    return {
        cue
        for cue, holds in {
            "imperative": first in _IMPERATIVES or (first in {"please", "just", "then"} and second in _IMPERATIVES),
            "statement": first in _STATEMENT_STARTS and cues.isdisjoint(_REPORTS),
            "assent": first in _ASSENTS,
        }.items()
        if holds
    }


def question_score(text: str) -> float:
    """Return how much a cleaned text asks the room for something, from 0 (chatter) to 1 (a question or a cry for help).

    Judged by form alone; whether the FAQ knows an answer is for the search to say. The time grows with the length of
    the text and no faster.
    """
    # Added up exactly, so that the order of the cues, which differs from run to run, changes no digit.
    score = 1 / (1 + math.exp(-math.fsum([BIAS, *(WEIGHTS[cue] for cue in find_cues(text))])))
    if score < FOREIGN_SCORE and _MARK.search(text) and any(char.isalpha() and not char.isascii() for char in text):
        return FOREIGN_SCORE
    return score


def looks_like_question(text: str) -> bool:
    """Return whether an overheard text, already cleaned, asks the room for something.

    It errs towards True: what it lets pass still has to be close to an entry.
    """
    return question_score(text) >= MIN_SCORE
