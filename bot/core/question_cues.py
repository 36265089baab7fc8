"""Forms of questions, reports of trouble and chatter, as patterns: what is said, in whatever words."""

from __future__ import annotations

import re
from functools import cache

# What the patterns are made of. They read lower case without apostrophes. Every repetition is
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
def patterns() -> dict[str, re.Pattern[str]]:
    """Return each cue's pattern, compiled once: who never overhears anything need not wait for that at the start."""
    return {cue: re.compile("|".join(map(str.strip, text.strip().splitlines()))) for cue, text in _CUES.items()}
