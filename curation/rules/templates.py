r"""Texts that applications write by themselves, as expressions of RE2.

All begin where the text begins, so that looking for all of them costs little. A text that people also type
(`Photo: …`, `via @YouTube`, `#nowplaying` and a thought) is not among them; what counts is that an application
wrote the whole sentence, even if somebody pressed a button and added a word at its end.
"""

from __future__ import annotations

_LINK = r"https?://"

TEMPLATES = (
    # check-ins
    rf"I'm at [^\n]+ (?:\([^\n]+\)|in [^\n]+|w/ [^\n]+) ?\.? {_LINK}",
    r"I(?: just)? (?:ousted [^\n]+ as|became) the mayor of [^\n]+ on @foursquare",
    r"I(?: just)? (?:unlocked|earned|reached) [^\n]* (?:badge|sticker|level|trophy)[^\n]* (?:on|in) [@#]?\w",
    rf"Drinking an? [^\n]+ by [^\n]+(?: @ [^\n]+)? (?:-|—|on Untappd) ?(?:{_LINK}|#photo)",
    # videos
    r"I (?:liked|favou?rited) a @YouTube video",
    r"I (?:added|uploaded) a video to a? ?@YouTube",
    r"(?:Gostei de um vídeo @YouTube|Adicionei um vídeo a uma playlist @YouTube|Me ha gustado un vídeo de @YouTube"
    r"|Me gustó un video de @YouTube|He añadido un vídeo a una lista de @YouTube|J'aime une vidéo @YouTube"
    r"|J'ai ajouté une vidéo à une playlist @YouTube|Ich mag (?:das|ein) @YouTube-Video"
    r"|Mi è piaciuto un video di @YouTube|Ik vind een @YouTube-video leuk|Мне понравилось видео на @YouTube"
    r"|Bir @YouTube videosunu beğendim"
    r"|@YouTube ?동영상을 좋아합니다|أعجبني فيديو @YouTube|Saya suka video @YouTube)",
    # sport
    r"(?:I )?[Jj]ust (?:completed|posted|finished|ran|walked|cycled) (?:a |an )?[0-9.,]+ ?(?:mi|km|miles?)\b",
    r"I (?:just )?finished (?:running|cycling|walking) [0-9.,]+ ?(?:mi|km|miles?)\b",
    r"I was out (?:running|cycling|walking|mountain biking) [0-9.,]+ ?(?:mi|km|miles)\b[^\n]*#?Endomondo",
    # music
    r"(?:♫ )?(?:My )?(?:Top [0-9]+ |Weekly |Wkly )+#?[Ll]ast\.?fm [Aa]rtists: ",
    r"(?i:now playing) ?: +(?:\"[^\n]+\" from \"|[^\n]+ - [^\n]+ ♪)",
    rf"(?i:#nowplaying) [^\n]+ (?:by|–|-|in|on) [^\n]*(?:♫|#?[Ss]potify|#lastfm|Shazam)[^\n]* ?\n?{_LINK}",
    # games
    r"I(?:'ve| have) (?:collected|harvested|completed) [^\n]+ (?:gold coins|food|quest|the (?:task|quest|island))",
    r"(?:Ho collezionato|He recogido|J'ai récolté|Ich habe) [0-9.,]+ (?:monete d'oro|monedas de oro|pièces d'or)",
    r"Wordle [0-9.,]+ [1-6X]/6",
    # feeds, newspapers, blogs, albums
    rf"(?:New blog post|New post): [^\n]+ {_LINK}",
    rf"(?:Photo|Photoset|Video): (?:\(via [^\n]+|[a-z0-9-]+:) ?[^\n]*{_LINK}",
    r"I posted [0-9]+ (?:new )?photos? (?:on|to) Facebook",
    rf"Just posted an? (?:photo|video)(?: @ [^\n]+)? {_LINK}",
    r"はてなブログに投稿しました",
    # what was bought, backed, signed
    r"I(?: just)? (?:backed|pledged)[^\n]* on @[Kk]ickstarter",
    r"I(?:'ve| just)? (?:just )?(?:signed|voted)[^\n]* via @",
    # figures about the account itself
    r"(?:[0-9]+|[Oo]ne|No) (?:new )?(?:people|persons?|tweeps?|followers?|unfollowers?)\b[^\n]*(?:un)?follow[^\n]*"
    r"(?:via|by|with|//) ?(?:https?:|@)",
    r"(?:Today's|Daily|Weekly)? ?[Ss]tats(?: for [^\n]+)?: [^\n]*(?:followers?|unfollow)",
    r"(?:My week on Twitter|How I did on Twitter this week)[^\n]{0,3}: [0-9.,]+[KM]? "
    r"(?:New Followers?|Mentions?|Likes?|Retweets?|Replies|Mention Reach|Retweet Reach)",
)
