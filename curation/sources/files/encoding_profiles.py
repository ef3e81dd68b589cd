"""What texts of a language look like once their encoding is right: letters, frequent characters, short words.

A single-byte table decodes almost any bytes, so that a decode without errors proves nothing. What tells is
whether the characters that come out are those which the language uses most. The figures behind `expected`
are shares in running text, rounded down so that short files and casual spelling reach them.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class EncodingProfile:
    """A language, for the judge of encodings."""

    language: str
    #: Letters outside ASCII that its texts may hold: ranges of code points, both ends included.
    script: tuple[tuple[int, int], ...]
    #: Frequent characters of the script; together they make up at least `expected` of its letters.
    frequent: frozenset[str] = frozenset()
    expected: float = 0.6
    #: Letters of the language outside ASCII, in small letters, for one that is written in Latin letters.
    letters: frozenset[str] = frozenset()
    #: Short words of a language in Latin letters.
    words: frozenset[str] = field(default=frozenset())

    @property
    def latin(self) -> bool:
        """Whether the language is told by its words."""
        return bool(self.words)

    @property
    def is_cyrillic(self) -> bool:
        """Whether it is written in Cyrillic letters."""
        return self.script[0] == _RUSSIAN[0]


_LATIN = ((0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x1E00, 0x1EFF))
_HAN = ((0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x2FFFF))
_KANA = ((0x3041, 0x3096), (0x309D, 0x309E), (0x30A1, 0x30FE))
_HANGUL = ((0x1100, 0x11FF), (0x3131, 0x318E), (0xAC00, 0xD7A3))

_RUSSIAN = ((0x410, 0x44F),)
_UKRAINIAN = ((0x404, 0x404), (0x406, 0x407), (0x454, 0x454), (0x456, 0x457), (0x490, 0x491))
_BELARUSIAN = ((0x401, 0x401), (0x406, 0x406), (0x40E, 0x40E), (0x451, 0x451), (0x456, 0x456), (0x45E, 0x45E))
_SERBIAN = ((0x402, 0x403), (0x408, 0x40C), (0x40F, 0x40F), (0x452, 0x453), (0x458, 0x45C), (0x45F, 0x45F))

_HANS = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于"
    "起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其"
    "种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却"
    "代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司"
    "利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指"
    "思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空众技轻程告江语"
    "英基派满式李息写呢识极令德收脸钱党倒未持取设始版双历史商千片容研像找友孩站广改议形委早房音火际则首单据影失拿网香似石若兵弟谁校"
    "读志飞观争究包组造视喜离虽坏兴吗吧啊呀哦嘛雨晚店街早茶"
)
_HANT = (
    "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天而能好都然沒日於"
    "起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其"
    "種聲全工己話兒者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由卻"
    "代軍產入先山五太水萬市眼體別處總才場師書比住員九笑性通目華報立馬命張活難神數件安表原車白應路期叫死常提感金何更反合放做系計或司"
    "利受光王果親界及今京務制解各任至清物台象記邊共風戰干接它許八特覺望直服毛林題建南度統色字請交愛讓認算論百吃義科怎元社術結六功指"
    "思非流每青管夫連遠資隊跟帶花快條院變聯言權往展該領傳近留紅治決周保達辦運武半候七必城父強步完革深區即求品士轉量空眾技輕程告江語"
    "英基派滿式李息寫呢識極令德收臉錢黨倒未持取設始版雙歷史商千片容研像找友孩站廣改議形委早房音火際則首單據影失拿網香似石若兵弟誰校"
    "讀志飛觀爭究包組造視喜離雖壞興嗎吧啊呀喔嘛雨晚店街早茶"
)
_KANJI = (
    "日一人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何"
    "南万毎白天母火右読友左休父雨言分私思事手方的会自国者場新同地部家合社発業対全動理定体力通回性化内現目第作最実度意表文好朝夜夕空海"
    "町店駅花春夏秋冬風雪茶飯道心楽歩"
)
_HIRAGANA = "".join(map(chr, range(0x3041, 0x3097)))
_KATAKANA = "".join(map(chr, range(0x30A1, 0x30FB))) + "ー"
_KOREAN = (
    "이다는을의에가고하지은를도한어로기나그사서있아라자리대들만일으인해여수시과게정보니스면전내없상장와거부것데말원제주마간성동러세중우오"
    "모무선생비안구문공치유방소때화개음심조진신위집었였겠네야까더경미습입했됐될할같않못두또용당발저물계관련많좋람날너요금건트분연설번목민"
    "회불든운갈히된르려교각강감영노명반바얼카불임업최태체표통편학실식양역열예완외월잘점존준짜차찾청추출크타터토파피하함합행향현호환활후"
)

NON_LATIN = {
    "zh-Hans": EncodingProfile("Chinese", _HAN, frozenset(_HANS), 0.5),
    "zh-Hant": EncodingProfile("Chinese", _HAN, frozenset(_HANT), 0.5),
    "ja": EncodingProfile(
        "Japanese", (*_KANA, *_HAN, (0xFF66, 0xFF9F)), frozenset(_KANJI + _HIRAGANA + _KATAKANA), 0.72
    ),
    "ko": EncodingProfile("Korean", _HANGUL, frozenset(_KOREAN), 0.62),
    "ru": EncodingProfile("Russian", (*_RUSSIAN, (0x401, 0x401), (0x451, 0x451)), frozenset("оеаинтсрвлкмдпу"), 0.65),
    "uk": EncodingProfile("Ukrainian", (*_RUSSIAN, *_UKRAINIAN), frozenset("оаинвтерсілкудм"), 0.65),
    "bg": EncodingProfile("Bulgarian", _RUSSIAN, frozenset("аоиентрсвлкдпмъ"), 0.65),
    "sr": EncodingProfile("Serbian", (*_RUSSIAN, *_SERBIAN), frozenset("аоиенртсјкувдмл"), 0.65),
    "be": EncodingProfile(
        "Belarusian",
        (*_RUSSIAN, *_BELARUSIAN),
        frozenset("аіноелсрятвкдыу"),
        0.65,
    ),
    "el": EncodingProfile("Greek", ((0x384, 0x3CE),), frozenset("αοιετσνηυρπκςίόάέ"), 0.68),
    "he": EncodingProfile("Hebrew", ((0x5B0, 0x5F4),), frozenset("יוהלאמרבתשנד"), 0.64),
    "ar": EncodingProfile("Arabic", ((0x60C, 0x6FF),), frozenset("اليمنوربتهةعدسفكح"), 0.66),
    "th": EncodingProfile("Thai", ((0xE01, 0xE5B),), frozenset("านรกอเงมยลวดทสต่้ปบัีิะไคหแ็ูำขใจพุโช"), 0.8),
}

_WESTERN_LETTERS = "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿœßšžªº"


def _latin(language: str, letters: str, words: str) -> EncodingProfile:
    return EncodingProfile(language, _LATIN, letters=frozenset(letters), words=frozenset(words.split()))


#: Languages whose letters stand in Windows-1252.
WESTERN = {
    "en": _latin(
        "English",
        "àâäçèéêëíïñóôöüáú",
        "the and of to in is it you that i for on this with was are be not have my at but we so just they "
        "what your me all like can do no if from how as a an im its dont has will he she their our up out "
        "when who about or there get one know people more now good new day back time",
    ),
    "de": _latin(
        "German",
        "äöüßé",
        "der die das und ist nicht ich zu den ein eine mit es von auf für sie wir auch im dem des an sich was "
        "so wie war hat bei nur noch aus aber als kein man mir mich du er wenn über schon heute immer mehr "
        "nach vor zum zur",
    ),
    "fr": _latin(
        "French",
        "àâæçèéêëîïôùûüÿœñ",
        "le la les de des et est un une pas je que qui pour dans il elle on ce à en du au sur ne plus avec "
        "vous nous mais ça se par sont mon ma c'est j'ai tout fait comme si bien très sans aux y l'on d'un "
        "d'une qu'il",
    ),
    "es": _latin(
        "Spanish",
        "áéíóúñüªº",
        "de la que el en y a los se del las un por con no una su para es lo me mi al más pero como ya o si te "
        "muy está todo hoy qué porque cuando esta este hay son yo tu sin sobre fue le eso así nos",
    ),
    "pt": _latin(
        "Portuguese",
        "àáâãçéêíóôõúüªº",
        "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao ele das à seu sua "
        "ou eu já está foi são é você meu minha isso muito só também pra tem ser hoje me",
    ),
    "it": _latin(
        "Italian",
        "àèéìíòóùú",
        "di e il la che in un a per è una non sono con i si da come ma lo ha mi le del al gli più ho se o "
        "anche questo della nel alla dei ci io ti cosa perché quando tutto oggi su c'è bene solo",
    ),
    "nl": _latin(
        "Dutch",
        "áéëèêïíóöüú",
        "de het een en van ik is dat in je niet te op zijn met voor er die maar om ook als aan was nog wel "
        "wat naar dan zo bij we ze hij heb dit hebben al kan door of mijn nu meer uit geen over",
    ),
    "sv": _latin(
        "Swedish",
        "åäöéàü",
        "och att det i är en jag som på för av inte med den har ett till de om men så var man vi kan nu du "
        "han hon från eller när här där vad mig min alla bara mycket bra idag ska skulle",
    ),
    "da": _latin(
        "Danish",
        "æøåéäöü",
        "og i at det er en til på som for med jeg ikke den de har af et der men var vi kan om så fra han hun "
        "du mig nu eller da når også bare meget min skal være godt idag op ud",
    ),
    "nb": _latin(
        "Norwegian",
        "æøåéòôäöü",
        "og i det er en til på som for med jeg ikke den de har av et at men var vi kan om så fra han hun du "
        "meg nå eller da når også bare veldig min skal være bra dag opp ut",
    ),
    "fi": _latin(
        "Finnish",
        "äöåšžé",
        "ja on ei se että en olen mutta oli niin kun kuin ole hän minä sinä mitä nyt tämä vain myös jos ovat "
        "sen mun sun joka kaikki vielä hyvä jo tai siis ihan",
    ),
    "is": _latin(
        "Icelandic",
        "áéíóúýþæöð",
        "og að í er á ég það sem ekki við en um hann til var með fyrir af hún þetta þú eru því þá mér nú bara "
        "svo líka ef þegar frá eftir",
    ),
    "ca": _latin(
        "Catalan",
        "àçèéíïòóúü·",
        "de la que el i a en per no es els un amb una del les més al és però si com ja ho ha aquest són també "
        "molt avui tot va",
    ),
}

#: Languages of the other tables with Latin letters.
OTHER_LATIN = {
    "pl": _latin(
        "Polish",
        "ąćęłńóśźż",
        "i w nie na się z do to że jest jak o co a ale po tak za od już tylko dla czy mi ja mnie przez jego "
        "jej są być był było może bardzo dziś jeszcze gdy też by bo ten ta tym ze pod",
    ),
    "cs": _latin(
        "Czech",
        "áčďéěíňóřšťúůýž",
        "a se na v je to že s z do o i ve jako za by ale už jsem si pro k po tak nebo jen co když od jsou "
        "bylo byl ještě mi mě dnes není které který při jak má kde tady také u",
    ),
    "sk": _latin(
        "Slovak",
        "áäčďéíĺľňóôŕšťúýž",
        "a sa na v je to že s z do o i ako za by ale už som si pre k po tak alebo len čo keď od sú bolo bol "
        "ešte mi ma dnes nie ktoré ktorý pri má kde tu aj u",
    ),
    "hu": _latin(
        "Hungarian",
        "áéíóöőúüű",
        "a az és hogy nem is egy de van ez meg csak ha már volt mint most még azt el kell itt ki én te ő mi "
        "lesz vagy ezt nagyon jó ma mert után minden",
    ),
    "hr": _latin(
        "Croatian",
        "čćđšž",
        "i je u na se da su za ne to od s a o sam što kao ali koji po bi ili samo već si me te ja ti ima iz "
        "do nije kako sve ovo danas još kad",
    ),
    "sl": _latin(
        "Slovene",
        "čšžćđ",
        "in je v na se da so za ne to od z s pa o sem kot ki po bi ali samo že si me te jaz ti ima iz do ni "
        "kako vse danes še ko tudi",
    ),
    "ro": _latin(
        "Romanian",
        "ăâîșțşţ",
        "de și în a la cu nu pe că o un din este care mai să se pentru ce am sunt ai fi fost dar când foarte "
        "are tot doar eu tu el ea mi îmi azi acum şi",
    ),
    "tr": _latin(
        "Turkish",
        "çğıöşüâîû",
        "ve bir bu da de için çok ne o ben ama var mi mı gibi daha en kadar sen yok değil şey her olarak "
        "sonra ile diye bugün ya ki iyi benim nasıl şimdi mu hiç biz olan dün yine kimse herkes zaman gün "
        "yarın ise ki bunu",
    ),
    "lt": _latin(
        "Lithuanian",
        "ąčęėįšųūž",
        "ir yra kad į ne su iš tai o kaip bet už per apie tik aš dar ar jau po prie nuo mano šiandien labai "
        "jis ji kur buvo",
    ),
    "lv": _latin(
        "Latvian",
        "āčēģīķļņšūž",
        "un ir ka uz no ar es par kā bet nav tas vai tikai pie ko jau arī šodien ļoti man kad viņš vēl lai pēc tā bija",
    ),
    "et": _latin(
        "Estonian",
        "õäöüšž",
        "ja on ei et see ta ma mis oli ka kui aga siis nii veel oma mu sa välja üle pole väga nüüd täna meie ning või",
    ),
    "vi": _latin(
        "Vietnamese",
        "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
        "và là của có không được cho một người trong các những với này đã để thì khi mà ra ở lại cũng như từ "
        "về đi nhưng rất tôi anh em mình nay hôm ngày làm",
    ),
}

#: Posts of many Western languages in one file. Words that another Latin language has as well prove nothing.
WESTERN_MIXED = EncodingProfile(
    "Western European",
    _LATIN,
    letters=frozenset(_WESTERN_LETTERS),
    words=frozenset(w for p in WESTERN.values() for w in p.words if len(w) > 1)
    - frozenset(w for p in OTHER_LATIN.values() for w in p.words),
)

_CENTRAL = ("pl", "cs", "sk", "hu", "hr", "sl", "ro")
_CYRILLIC = ("ru", "uk", "bg", "sr", "be")
_BALTIC = ("lt", "lv", "et")
_WEST = tuple(WESTERN)

#: Python's name of an encoding → the languages that are looked for in it. Of two that give the same text the
#: first is named, so a superset stands before its subset.
CANDIDATES: dict[str, tuple[str, ...]] = {
    "gb18030": ("zh-Hans", "zh-Hant"),
    "cp950": ("zh-Hant",),
    "big5hkscs": ("zh-Hant",),
    "cp949": ("ko",),
    "cp932": ("ja",),
    "euc_jp": ("ja",),
    "cp1251": _CYRILLIC,
    "koi8_r": ("ru", "bg"),
    "koi8_u": ("uk", "ru", "be"),
    "cp866": _CYRILLIC,
    "cp1125": ("uk",),
    "mac_cyrillic": _CYRILLIC,
    "iso8859_5": _CYRILLIC,
    "cp855": _CYRILLIC,
    "cp1253": ("el",),
    "iso8859_7": ("el",),
    "cp737": ("el",),
    "cp869": ("el",),
    "mac_greek": ("el",),
    "cp1255": ("he",),
    "iso8859_8": ("he",),
    "cp862": ("he",),
    "cp1256": ("ar",),
    "iso8859_6": ("ar",),
    "cp720": ("ar",),
    "mac_arabic": ("ar",),
    "cp874": ("th",),
    "cp1258": ("vi",),
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp852": _CENTRAL,
    "mac_latin2": _CENTRAL,
    "mac_croatian": ("hr", "sl"),
    "mac_romanian": ("ro",),
    "iso8859_16": ("ro",),
    "cp1254": ("tr",),
    "cp857": ("tr",),
    "mac_turkish": ("tr",),
    "cp1257": _BALTIC,
    "iso8859_13": _BALTIC,
    "iso8859_4": _BALTIC,
    "cp775": _BALTIC,
    "mac_roman": _WEST,
    "cp850": _WEST,
    "cp437": _WEST,
    "cp860": ("pt",),
    "cp865": ("da", "nb"),
    "cp861": ("is",),
    "mac_iceland": ("is",),
}

PROFILES = NON_LATIN | WESTERN | OTHER_LATIN
