"""Words by which questions, reports of trouble and chatter are told apart, in lower case and without apostrophes."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What FAQs are about: what people log in to, pay for, install, wait for, sign up to or turn up at.
TOPICS = _words(
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
TROUBLE = _words(
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
BANTER = _words(
    """
    lol lul lmao lmfao rofl haha hahaha hehe ahah xd kek jk smh bruh omg omfg wtf tf wth damn dang heck hell fr ngl huh
    srsly seriously wow oof ouch yay bro dude vibes legend joke joking kidding sus goat literally brain
    sanity motivation soul dignity humanity dying crying screaming laughing tho
    """
)
PRAISE = _words(
    """
    love loved loves loving amazing awesome gorgeous incredible perfect proud beautiful lovely sweet cool nice great fun
    funny cute favourite favorite hate hated tired happy glad excited brilliant wonderful congrats thanks
    congratulations gratz gg wp luck thx ty tysm thank cheers welcome medal rude
    """
)
# What people talk about when they talk.
EVERYDAY = _words(
    """
    food pizza coffee tea lunch dinner breakfast cake soup beer snack snacks hungry weather rain raining snow snowing
    sun cold sleep sleeping asleep bed nap dream movie film episode song album concert weekend birthday cat weird
    shoes hair friday monday mom mum dad sister brother boss neighbour neighbor roommate grandma grandpa wife husband
    girlfriend boyfriend goal goals kitchen holiday vacation christmas
    """
)
# What makes a statement of a few words about a topic: "printers can smell fear", "support was quick".
STATING = _words(
    """
    is are was were has had will can looks look feels sounds works runs goes takes gets got came went made took won saw
    answered finished passed closed moved changed added started ended ate destroyed like im its i he she we they
    """
)
THIRD_PERSONS = _words("he she him his her hes shes")
FIRST_PERSONS = _words("i im ive me my we our")
SECOND_PERSONS = _words("you u your ur youre yours ya yall yourself")
IMPERATIVES = _words(
    """
    hold put open click go try use delete clear check set turn type run press ask read look wait keep make restart
    reinstall follow add remove select choose pick send post ping contact write vote bring remember see come get give
    take let imagine head scroll unplug plug dont drop fill dm join enjoy stop say suppose meet rate flip
    pray watch spell guess
    """
)
# What questions are made of that ask about the talk they stand in.
REACTIONS = _words(
    """
    what wat wut who why how when where huh sorry seriously really right wait no yes yeah ok okay so sure me i you u him
    her them that this it is are was did do not same again already too and or but oh ah eh hm hmm true say excuse pardon
    for real good fine still there here now then they he she we lol omg bro dude the hell guys
    """
)
STATEMENT_STARTS = _words(
    """
    the that thats this these those they theyre we were he hes she shes it its there theres our all both every everyone
    nobody
    """
)
ASSENTS = _words(
    """
    yes yeah yea yep yup ye no nope nah true agreed same exactly haha lol lmao sure done nvm nevermind thanks thx ty gg
    fair wow good great nice congrats well brb gtg afk maybe morning evening night goodnight gm gn
    """
)


def is_topic(word: str) -> bool:
    """Return whether a word names something that FAQs are about."""
    return word in TOPICS or (word.endswith("s") and word[:-1] in TOPICS)
