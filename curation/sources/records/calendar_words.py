"""Names of months, days, halves of a day and zones, as the languages of the world write them.

Facts of the Unicode CLDR and of the IANA zone database. Names are compared in NFKC, without case, dots and
blanks. A name that means different months in two languages (`listopad` is October in Croatian and November in
Polish) is left out, and so is a zone's name that means several (`IST`, `CST`, `AST`): a date with one of them
is not understood rather than wrong.
"""

from __future__ import annotations

import unicodedata

# January to December; a slash stands between a month's names.
_MONTHS = {
    "en": (
        "jan/january feb/february mar/march apr/april may jun/june jul/july aug/august sep/sept/september "
        "oct/october nov/november dec/december"
    ),
    "es": (
        "ene/enero feb/febrero mar/marzo abr/abril may/mayo jun/junio jul/julio ago/agosto "
        "set/sept/setiembre/septiembre oct/octubre nov/noviembre dic/diciembre"
    ),
    "pt": (
        "jan/janeiro fev/fevereiro mar/março abr/abril mai/maio jun/junho jul/julho ago/agosto set/setembro "
        "out/outubro nov/novembro dez/dezembro"
    ),
    "fr": (
        "janv/janvier fev/févr/février mars avr/avril mai juin jul/juil/juillet août sept/septembre "
        "oct/octobre nov/novembre déc/décembre"
    ),
    "de": (
        "jan/januar feb/februar mrz/mär/märz apr/april mai jun/juni jul/juli aug/august sep/sept/september "
        "okt/oktober nov/november dez/dezember"
    ),
    "it": (
        "gen/gennaio feb/febbraio mar/marzo apr/aprile mag/maggio giu/giugno lug/luglio ago/agosto "
        "set/settembre ott/ottobre nov/novembre dic/dicembre"
    ),
    "nl": (
        "jan/januari feb/februari mrt/maart apr/april mei jun/juni jul/juli aug/augustus sep/september "
        "okt/oktober nov/november dec/december"
    ),
    "ru": (
        "янв/январь/января фев/февр/февраль/февраля мар/март/марта апр/апрель/апреля май/мая июн/июнь/июня "
        "июл/июль/июля авг/август/августа сен/сент/сентябрь/сентября окт/октябрь/октября "
        "ноя/нояб/ноябрь/ноября дек/декабрь/декабря"
    ),
    "uk": (
        "січ/січня/січень лют/лютий/лютого бер/березня/березень квіт/квітня/квітень трав/травня/травень "
        "черв/червня/червень лип/липня/липень серп/серпня/серпень вер/вересня/вересень жовт/жовтня/жовтень "
        "лист/листопад/листопада груд/грудня/грудень"
    ),
    "pl": (
        "sty/styczeń/stycznia lut/luty/lutego mar/marca/marzec kwi/kwiecień/kwietnia maj/maja "
        "cze/czerwca/czerwiec lip/lipca/lipiec sie/sierpień/sierpnia wrz/wrzesień/września "
        "paź/październik/października lis/listopad/listopada gru/grudnia/grudzień"
    ),
    "cs": (
        "led/leden/ledna úno/únor/února bře/březen/března dub/duben/dubna kvě/květen/května čvn/červen/června "
        "čvc/července/červenec srp/srpen/srpna zář/září říj/říjen/října lis/listopad/listopadu "
        "pro/prosince/prosinec"
    ),
    "sk": (
        "jan/január/januára feb/február/februára mar/marca/marec apr/apríl/apríla máj/mája jún/júna júl/júla "
        "aug/august/augusta sep/september/septembra okt/október/októbra nov/november/novembra "
        "dec/december/decembra"
    ),
    "hr": (
        "sij/siječanj/siječnja velj/veljača/veljače ožu/ožujak/ožujka tra/travanj/travnja svi/svibanj/svibnja "
        "lip/lipanj/lipnja srp/srpanj/srpnja kol/kolovoz/kolovoza ruj/rujan/rujna lis/listopad/listopada "
        "stu/studeni/studenoga pro/prosinac/prosinca"
    ),
    "sl": (
        "jan/januar feb/februar mar/marec apr/april maj jun/junij jul/julij avg/avgust sep/september "
        "okt/oktober nov/november dec/december"
    ),
    "bs": (
        "jan/januar feb/februar mar/mart apr/april maj jun/juni jul/juli aug/august sep/septembar okt/oktobar "
        "nov/novembar dec/decembar"
    ),
    "sr": (
        "јан/јануар феб/фебруар мар/март апр/април мај јун јул авг/август сеп/септембар окт/октобар "
        "нов/новембар дец/децембар"
    ),
    "bg": (
        "яну/януари фев/февруари март апр/април май юни юли авг/август сеп/септември окт/октомври ное/ноември "
        "дек/декември"
    ),
    "tr": (
        "oca/ocak şub/şubat mar/mart nis/nisan may/mayıs haz/haziran tem/temmuz ağu/ağustos eyl/eylül "
        "eki/ekim kas/kasım ara/aralık"
    ),
    "id": (
        "jan/januari feb/februari mar/maret apr/april mei jun/juni jul/juli agu/agustus sep/september "
        "okt/oktober nov/november des/desember"
    ),
    "ms": (
        "jan/januari feb/februari mac apr/april mei jun jul/julai ogo/ogos sep/september okt/oktober "
        "nov/november dis/disember"
    ),
    "sv": (
        "jan/januari feb/februari mars apr/april maj juni juli aug/augusti sep/september okt/oktober "
        "nov/november dec/december"
    ),
    "da": (
        "jan/januar feb/februar mar/marts apr/april maj jun/juni jul/juli aug/august sep/september "
        "okt/oktober nov/november dec/december"
    ),
    "nb": (
        "jan/januar feb/februar mar/mars apr/april mai jun/juni jul/juli aug/august sep/september okt/oktober "
        "nov/november des/desember"
    ),
    "fi": (
        "tammi/tammikuu/tammikuuta helmi/helmikuu/helmikuuta maalis/maaliskuu/maaliskuuta "
        "huhti/huhtikuu/huhtikuuta touko/toukokuu/toukokuuta kesä/kesäkuu/kesäkuuta heinä/heinäkuu/heinäkuuta "
        "elo/elokuu/elokuuta syys/syyskuu/syyskuuta loka/lokakuu/lokakuuta marras/marraskuu/marraskuuta "
        "joulu/joulukuu/joulukuuta"
    ),
    "et": (
        "jaan/jaanuar veebr/veebruar märts apr/aprill mai juuni juuli aug/august sept/september okt/oktoober "
        "nov/november dets/detsember"
    ),
    "lv": (
        "janv/janvāris febr/februāris marts apr/aprīlis maijs jūn/jūnijs jūl/jūlijs aug/augusts "
        "sept/septembris okt/oktobris nov/novembris dec/decembris"
    ),
    "lt": (
        "saus/sausio/sausis vas/vasario/vasaris kov/kovo/kovas bal/balandis/balandžio geg/gegužė/gegužės "
        "birž/birželio/birželis liep/liepa/liepos rugp/rugpjūtis/rugpjūčio rugs/rugsėjo/rugsėjis "
        "spal/spalio/spalis lapkr/lapkritis/lapkričio gruod/gruodis/gruodžio"
    ),
    "hu": (
        "jan/január febr/február márc/március ápr/április máj/május jún/június júl/július aug/augusztus "
        "szept/szeptember okt/október nov/november dec/december"
    ),
    "ro": (
        "ian/ianuarie feb/februarie mar/martie apr/aprilie mai iun/iunie iul/iulie aug/august sept/septembrie "
        "oct/octombrie nov/noiembrie dec/decembrie"
    ),
    "el": (
        "ιαν/ιανουάριοσ/ιανουαρίου φεβ/φεβρουάριοσ/φεβρουαρίου μάρ/μαρ/μάρτιοσ/μαρτίου απρ/απρίλιοσ/απριλίου "
        "μάι/μάιοσ/μαΐ/μαΐου ιουν/ιούν/ιουνίου/ιούνιοσ ιουλ/ιούλ/ιουλίου/ιούλιοσ "
        "αυγ/αύγ/αυγούστου/αύγουστοσ σεπ/σεπτέμβριοσ/σεπτεμβρίου οκτ/οκτωβρίου/οκτώβριοσ "
        "νοέ/νοε/νοέμβριοσ/νοεμβρίου δεκ/δεκέμβριοσ/δεκεμβρίου"
    ),
    "ca": (
        "gen/degen/gener/degener febr/defebr/febrer/defebrer març/demarç abr/abril/d’abr/d’abril maig/demaig "
        "juny/dejuny jul/dejul/juliol/dejuliol ag/d’ag/agost/d’agost set/deset/setembre/desetembre "
        "oct/d’oct/octubre/d’octubre nov/denov/novembre/denovembre des/dedes/desembre/dedesembre"
    ),
    "gl": (
        "xan/xaneiro feb/febreiro mar/marzo abr/abril maio xuño xul/xullo ago/agosto set/setembro out/outubro "
        "nov/novembro dec/decembro"
    ),
    "th": (
        "มค/มกราคม กพ/กุมภาพันธ์ มีค/มีนาคม เมย/เมษายน พค/พฤษภาคม มิย/มิถุนายน กค/กรกฎาคม สค/สิงหาคม "
        "กย/กันยายน ตค/ตุลาคม พย/พฤศจิกายน ธค/ธันวาคม"
    ),
    "ar": (
        "جانفي/يناير/كانونالثاني شباط/فيفري/فبراير آذار/مارس أبريل/أفريل/نيسان ماي/أيار/مايو "
        "جوان/يونيو/حزيران تموز/يوليو/جويلية آب/أوت/أغسطس أيلول/سبتمبر أكتوبر/تشرينالأول نوفمبر/تشرينالثاني "
        "ديسمبر/كانونالأول"
    ),
    "fa": "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
    "he": (
        "ינו׳/ינואר פבר׳/פברואר מרץ אפר׳/אפריל מאי יוני יולי אוג׳/אוגוסט ספט׳/ספטמבר אוק׳/אוקטובר נוב׳/נובמבר "
        "דצמ׳/דצמבר"
    ),
    "hi": ("जन॰/जनवरी फ़र॰/फ़रवरी मार्च अप्रैल मई जून जुल॰/जुलाई अग॰/अगस्त सित॰/सितंबर अक्टू॰/अक्टूबर नव॰/नवंबर दिस॰/दिसंबर"),
    "bn": (
        "জানু/জানুয়ারি ফেব/ফেব্রুয়ারি মার্চ এপ্রি/এপ্রিল মে জুন জুল/জুলাই আগ/আগস্ট সেপ/সেপ্ট/সেপ্টেম্বর অক্টো/অক্টোবর নভে/নভেম্বর ডিসে/ডিসেম্বর"
    ),
    "ta": ("ஜன/ஜனவரி பிப்/பிப்ரவரி மார்/மார்ச் ஏப்/ஏப்ரல் மே ஜூன் ஜூலை ஆக/ஆகஸ்ட் செப்/செப்டம்பர் அக்/அக்டோபர் நவ/நவம்பர் டிச/டிசம்பர்"),
    "te": ("జన/జనవరి ఫిబ్ర/ఫిబ్రవరి మార్చి ఏప్రి/ఏప్రిల్ మే జూన్ జులై ఆగ/ఆగస్టు సెప్టెం/సెప్టెంబర్ అక్టో/అక్టోబర్ నవం/నవంబర్ డిసెం/డిసెంబర్"),
    "ur": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "sw": (
        "jan/januari feb/februari mac/machi apr/aprili mei jun/juni jul/julai ago/agosti sep/septemba "
        "okt/oktoba nov/novemba des/desemba"
    ),
    "fil": (
        "ene/enero peb/pebrero mar/marso abr/abril may/mayo hun/hunyo hul/hulyo ago/agosto set/setyembre "
        "okt/oktubre nob/nobyembre dis/disyembre"
    ),
    "is": (
        "jan/janúar feb/febrúar mar/mars apr/apríl maí jún/júní júl/júlí ágú/ágúst sep/september okt/október "
        "nóv/nóvember des/desember"
    ),
    "az": (
        "yan/yanvar fev/fevral mar/mart apr/aprel may iyn/iyun iyl/iyul avq/avqust sen/sentyabr okt/oktyabr "
        "noy/noyabr dek/dekabr"
    ),
    "kk": (
        "қаң/қаңтар ақп/ақпан нау/наурыз сәу/сәуір мам/мамыр мау/маусым шіл/шілде там/тамыз қыр/қыркүйек "
        "қаз/қазан қар/қараша жел/желтоқсан"
    ),
}

# Sunday is last.
_DAYS = {
    "en": "mon/monday tue/tuesday wed/wednesday thu/thursday fri/friday sat/saturday sun/sunday",
    "es": "lun/lunes mar/martes mié/miércoles jue/jueves vie/viernes sáb/sábado dom/domingo",
    "pt": (
        "seg/segunda-feira ter/terça-feira qua/quarta-feira qui/quinta-feira sex/sexta-feira sáb/sábado dom/domingo"
    ),
    "fr": "lun/lundi mar/mardi mer/mercredi jeu/jeudi ven/vendredi sam/samedi dim/dimanche",
    "de": "mo/montag di/dienstag mi/mittwoch do/donnerstag fr/freitag sa/samstag so/sonntag",
    "it": "lun/lunedì mar/martedì mer/mercoledì gio/giovedì ven/venerdì sab/sabato dom/domenica",
    "nl": "ma/maandag di/dinsdag wo/woensdag do/donderdag vr/vrijdag za/zaterdag zo/zondag",
    "ru": "пн/понедельник вт/вторник ср/среда чт/четверг пт/пятница сб/суббота вс/воскресенье",
    "uk": "пн/понеділок вт/вівторок ср/середа чт/четвер пт/пʼятниця сб/субота нд/неділя",
    "pl": "pon/poniedziałek wt/wtorek śr/środa czw/czwartek pt/piątek sob/sobota niedz/niedziela",
    "cs": "po/pondělí út/úterý st/středa čt/čtvrtek pá/pátek so/sobota ne/neděle",
    "sk": "po/pondelok ut/utorok st/streda št/štvrtok pi/piatok so/sobota ne/nedeľa",
    "hr": "pon/ponedjeljak uto/utorak sri/srijeda čet/četvrtak pet/petak sub/subota ned/nedjelja",
    "sl": "pon/ponedeljek tor/torek sre/sreda čet/četrtek pet/petek sob/sobota ned/nedelja",
    "bs": "pon/ponedjeljak uto/utorak sri/srijeda čet/četvrtak pet/petak sub/subota ned/nedjelja",
    "sr": "пон/понедељак уто/уторак сре/среда чет/четвртак пет/петак суб/субота нед/недеља",
    "bg": "пн/понеделник вт/вторник ср/сряда чт/четвъртък пт/петък сб/събота нд/неделя",
    "tr": "pzt/pazartesi sal/salı çar/çarşamba per/perşembe cum/cuma cmt/cumartesi paz/pazar",
    "id": "sen/senin sel/selasa rab/rabu kam/kamis jum/jumat sab/sabtu min/minggu",
    "ms": "isn/isnin sel/selasa rab/rabu kha/khamis jum/jumaat sab/sabtu ahd/ahad",
    "sv": "mån/måndag tis/tisdag ons/onsdag tors/torsdag fre/fredag lör/lördag sön/söndag",
    "da": "man/mandag tirs/tirsdag ons/onsdag tors/torsdag fre/fredag lør/lørdag søn/søndag",
    "nb": "man/mandag tir/tirsdag ons/onsdag tor/torsdag fre/fredag lør/lørdag søn/søndag",
    "fi": (
        "ma/maanantai/maanantaina ti/tiistai/tiistaina ke/keskiviikko/keskiviikkona to/torstai/torstaina "
        "pe/perjantai/perjantaina la/lauantai/lauantaina su/sunnuntai/sunnuntaina"
    ),
    "et": "e/esmaspäev t/teisipäev k/kolmapäev n/neljapäev r/reede l/laupäev p/pühapäev",
    "lv": (
        "pirmd/pirmdiena otrd/otrdiena trešd/trešdiena ceturtd/ceturtdiena piektd/piektdiena sestd/sestdiena "
        "svētd/svētdiena"
    ),
    "lt": (
        "pr/pirmadienis an/antradienis tr/trečiadienis kt/ketvirtadienis pn/penktadienis št/šeštadienis sk/sekmadienis"
    ),
    "hu": "h/hétfő k/kedd sze/szerda cs/csütörtök p/péntek szo/szombat v/vasárnap",
    "ro": "lun/luni mar/marți mie/miercuri joi vin/vineri sâm/sâmbătă dum/duminică",
    "el": "δευ/δευτέρα τρί/τρίτη τετ/τετάρτη πέμ/πέμπτη παρ/παρασκευή σάβ/σάββατο κυρ/κυριακή",
    "ca": "dl/dilluns dt/dimarts dc/dimecres dj/dijous dv/divendres ds/dissabte dg/diumenge",
    "gl": "luns mar/martes mér/mércores xov/xoves ven/venres sáb/sábado dom/domingo",
    "th": ("จันทร์/วันจันทร์ อังคาร/วันอังคาร พุธ/วันพุธ พฤหัส/วันพฤหัสบดี ศุกร์/วันศุกร์ เสาร์/วันเสาร์ อาทิตย์/วันอาทิตย์"),
    "ar": "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "fa": "دوشنبه سهشنبه چهارشنبه پنجشنبه جمعه شنبه یکشنبه",
    "he": "יוםב׳/יוםשני יוםג׳/יוםשלישי יוםד׳/יוםרביעי יוםה׳/יוםחמישי יוםו׳/יוםשישי שבת/יוםשבת יוםא׳/יוםראשון",
    "hi": "सोम/सोमवार मंगल/मंगलवार बुध/बुधवार गुरु/गुरुवार शुक्र/शुक्रवार शनि/शनिवार रवि/रविवार",
    "bn": "সোম/সোমবার মঙ্গল/মঙ্গলবার বুধ/বুধবার বৃহস্পতি/বৃহস্পতিবার শুক্র/শুক্রবার শনি/শনিবার রবি/রবিবার",
    "ta": "திங்/திங்கள் செவ்/செவ்வாய் புத/புதன் வியா/வியாழன் வெள்/வெள்ளி சனி ஞாயி/ஞாயிறு",
    "te": "సోమ/సోమవారం మంగళ/మంగళవారం బుధ/బుధవారం గురు/గురువారం శుక్ర/శుక్రవారం శని/శనివారం ఆది/ఆదివారం",
    "ur": "پیر منگل بدھ جمعرات جمعہ ہفتہ اتوار",
    "sw": "jumatatu jumanne jumatano alhamisi ijumaa jumamosi jumapili",
    "fil": "lun/lunes mar/martes miy/miyerkules huw/huwebes biy/biyernes sab/sabado lin/linggo",
    "is": (
        "mán/mánudagur þri/þriðjudagur mið/miðvikudagur fim/fimmtudagur fös/föstudagur lau/laugardagur sun/sunnudagur"
    ),
    "az": "be/bazarertəsi ça/çərşənbəaxşamı ç/çərşənbə ca/cüməaxşamı c/cümə ş/şənbə b/bazar",
    "kk": "дс/дүйсенбі сс/сейсенбі ср/сәрсенбі бс/бейсенбі жм/жұма сб/сенбі жс/жексенбі",
    "ja": "月曜日/月曜/月 火曜日/火曜/火 水曜日/水曜/水 木曜日/木曜/木 金曜日/金曜/金 土曜日/土曜/土 日曜日/日曜/日",
    "ko": "월요일/월 화요일/화 수요일/수 목요일/목 금요일/금 토요일/토 일요일/일",
    "zh": (
        "周一/星期一/週一 周二/星期二/週二 周三/星期三/週三 周四/星期四/週四 周五/星期五/週五 周六/星期六/週六 "
        "周日/星期日/星期天/週日"
    ),
}

_BEFORE_NOON = (
    "am дп dop dopoldne prijepodne öö pg fm ap priekšp priekšpusdiena priešpiet πμ ก่อนเที่ยง ص صباحا صباحًا قظ "
    "قبلازظهر fh rn 午前 오전 上午 凌晨 早上 清晨 утра"
)
_AFTER_NOON = (
    "pm пп odp pop popoldne popodne ös ptg ip pēcpusd pēcpusdiena popiet μμ หลังเที่ยง م مساء مساءً بظ "
    "بعدازظهر eh 午後 오후 下午 晚上 вечера дня"
)
#: Words that stand in a date and tell nothing.
_FILLERS = (
    "at on the of t feira alle dalle om godz klokken στις ώρα de del d da di do à às a las um uhr kl klo den le el "
    "il la lo o'clock г года год в р року ora ore hora horas hs hrs h pukul jam tanggal ngày lúc vào thg "
    "tháng pada saat u dne v ob godine st nd rd th er º ª time local date posted published vom ال الساعة ساعة "
    "في ที่ เวลา น พศ no день бел kell kello y í"
)

#: Hours from UTC; only names that mean one zone wherever they are written.
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "ut": 0, "uct": 0, "zulu": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2,
    "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "мск": 3, "trt": 3, "sast": 2, "eat": 3, "wat": 1, "cat": 2,
    "pkt": 5, "npt": 5.75, "ict": 7, "wib": 7, "wita": 8, "wit": 9, "hkt": 8, "sgt": 8, "pht": 8, "awst": 8,
    "jst": 9, "kst": 9,
    "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "est": -5, "edt": -4, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "brt": -3, "clt": -4,
}  # fmt: skip


def plain_word(word: str) -> str:
    """A word as it is compared."""
    return unicodedata.normalize("NFKC", word).casefold().replace(".", "").replace(" ", "")


def _bare(word: str) -> str:
    """A word without its accents: `fevrier` for `février`."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c) or ord(c) > 0x36F)


def _numbered(table: dict[str, str], bare: bool) -> tuple[dict[str, int], frozenset[str]]:
    """Word → its number from 1, of the words that have one in all languages; and the others.

    `bare`: also without accents.
    """
    numbers: dict[str, set[int]] = {}
    for line in table.values():
        for number, cell in enumerate(line.split(), start=1):
            for word in cell.replace("-feira", "").split("/"):
                for form in {plain_word(word), _bare(plain_word(word)) if bare else plain_word(word)}:
                    if len(form) > 1 or not form.isascii():
                        numbers.setdefault(form, set()).add(number)
    sure = {word: min(several) for word, several in numbers.items() if len(several) == 1}
    return sure, frozenset(numbers.keys() - sure.keys())


#: Name of a month → 1 to 12.
MONTHS, _ = _numbered(_MONTHS, bare=True)
#: Name of a day of the week → 1 (Monday) to 7.
DAYS, UNSURE_DAYS = _numbered(_DAYS, bare=False)
#: A half of the day → whether it is the second.
HALVES = dict.fromkeys(map(plain_word, _BEFORE_NOON.split()), False) | dict.fromkeys(
    map(plain_word, _AFTER_NOON.split()), True
)
FILLERS = frozenset(map(plain_word, _FILLERS.split()))
#: A zone's name → seconds from UTC.
ZONES = {name: int(hours * 3600) for name, hours in _ZONES.items()}
