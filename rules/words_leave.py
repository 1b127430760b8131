"""Words for not being at work, in the languages of calendars: data only. A class says what kind of word it is;
`rules.evidence` says what follows from it.

leave: a vacation, as a whole word enough. long-leave: parental, unpaid, study leave. sick: illness. ooo: away, no reason
given. holiday: may be a public holiday. alone: means leave only where nothing else is in the title. gone: says so of a person
who is named. half: less than a day. family-leave: a vacation with the family."""

CLASSES = {
    "leave": """
vacation, vacations, vacay, vaca, annual leave, paid leave, personal leave, PTO, paid time off, time off, day off, days off,
week off, weeks off, on leave, summer leave, A/L, vac, vacation leave, casual leave, earned leave, privilege leave,
compensatory leave, comp day, comp time, comp off, comp-off, flex day, flexi day, flexi leave, flexi, duvet day,
floating holiday, personal day, mental health day, toil,
time off in lieu, staycation, summer vacation, winter vacation, spring vacation, beach vacation, ski vacation, on vacation,
on PTO, on holiday, on holidays, on my holidays, annual holiday, summer holiday, beach holiday, ski holiday, skiing holiday,
walking holiday, holiday leave, honeymoon, off work, babymoon, long weekend off, vacation time, gardening leave,
bridge day off, Urlaub, Jahresurlaub, Resturlaub, Erholungsurlaub, Ferien, freier Tag, freie Tage, frei genommen,
Urlaubstag, Urlaubstage, Überstundenabbau, Gleittag, Freizeitausgleich, überstundenfrei, Zeitausgleich, Flitterwochen,
im Urlaub, in Urlaub,
in den Ferien, Urlaubswoche, Urlaubswochen, Gleitzeittag, Brückentag frei, Abbau Überstunden, Urlaubszeit, Urlaub genehmigt,
Urlaubsreise, congé, congés, congés payés, jour de congé, jours de congé, vacances, en vacances, en congé, en congés, RTT,
jour RTT, congé annuel, congés annuels, repos compensateur, voyage de noces, lune de miel, journée de congé, congé payé,
prise de congés, posé, récup, jour de repos, jours de repos, vacaciones, de vacaciones, vacación, día libre, días libres,
día de vacaciones, días de vacaciones, asuntos propios, día de asuntos propios, luna de miel, día de descanso,
días de descanso, vacas, ferie, in ferie, vacanza, vacanze, in vacanza, giorno di ferie, giorni di ferie, giorno libero,
giorni liberi, luna di miele, viaggio di nozze, settimana bianca, riposo compensativo, ferie estive, vakantie, op vakantie,
vakantiedag, vakantiedagen, verlof, met verlof, verlofdag, verlofdagen, vrije dag, vrije dagen, snipperdag, ADV, atv,
ADV-dag, ATV-dag, huwelijksreis, vrij genomen, roostervrij, férias, de férias, dia de folga, dias de folga, folga, folgas,
lua de mel, dia de férias, descanso, recesso, dia livre, semester, på semester, semesterdag, semesterdagar, ledig dag,
lediga dagar, semestervecka, semesterveckor, ledighet, kompledig, komptid, bröllopsresa, sommarsemester, urlop, na urlopie,
urlop wypoczynkowy, dzień wolny, dni wolne, wakacje, na wakacjach, urlop na żądanie, dzień urlopu, dni urlopu,
podróż poślubna, urlopu, urlop wypocz, wolne od pracy, 休暇, 有給, 有給休暇, 有休, 年休, 年次休暇, 年次有給休暇, 夏休み,
夏季休暇, 冬休み, 冬季休暇, 特別休暇, 代休, 振休, 振替休日, 休み, お休み, 全休, 休暇取得, 有給取得, 年末年始休暇, 連休,
リフレッシュ休暇, 慶弔休暇, 新婚旅行, ハネムーン, バケーション, 夏期休暇, 有休取得, 夏休, 休暇中, 有給日, 私用休暇, 公休,
積立休暇, 휴가, 연차, 월차, 여름휴가, 겨울휴가, 연차휴가, 대체휴무, 휴무, 신혼여행, 유급휴가, 하계휴가, 특별휴가, 여름 휴가,
휴가중, 연차 휴가, 休假, 年假, 请假, 請假, 特休, 度假, 补休, 補休, 調休, 调休, 年休假, 休年假, 放假, 蜜月, 事假, dovolená,
dovolenou, dovolené, na dovolené, volno, den volna, mám volno, náhradní volno, řádná dovolená, loma, lomalla, vuosiloma,
kesäloma, talviloma, lomapäivä, lomapäivät, vapaapäivä, vapaalla, vapaata, häämatka, pekkaspäivä, sommerferie, feriedag,
feriedage, feriefridag, på ferie, fridag, fridage, afspadsering, avspasering, feriedager, ferieuke, fridager, feriefri,
bryllupsrejse, bryllupsreise, holder ferie, holder fri, izin, izinde, yıllık izin, izinli, tatil, yaz tatili, izinliyim,
izindeyim,
ücretli izin, balayı, tatilde, إجازة, اجازة, إجازة سنوية, اجازة سنوية, عطلة, في إجازة, شهر العسل, الإجازة, إجازتي,
عطلة صيفية, חופשה, חופש, חופשה שנתית, יום חופש, ימי חופש, בחופשה, בחופש, ירח דבש, חופשת קיץ
""",
    "family-leave": """
family vacation, family holiday, family holidays, family time off, Familienurlaub, vacances en famille, congés en famille,
vacaciones en familia, vacaciones familiares, vacanza in famiglia, vacanze in famiglia, ferie in famiglia, gezinsvakantie,
familievakantie, férias em família, férias com a família, familjesemester, wakacje rodzinne, urlop rodzinny, 家族旅行,
家族で旅行, 가족여행, 가족 여행, 家庭旅行, rodinná dovolená, perheloma, familieferie, aile tatili, חופשה משפחתית,
عطلة عائلية
""",
    "long-leave": """
parental leave, maternity leave, paternity leave, maternity, paternity, pat leave, mat leave, sabbatical, unpaid leave,
family leave, bereavement leave, compassionate leave, study leave, marriage leave, adoption leave, caregiver leave,
leave of absence, FMLA, bereavement, military leave, educational leave, wedding leave, carers leave, Elternzeit,
Mutterschutz, Vaterschaftsurlaub, Mutterschaftsurlaub, Sonderurlaub, Bildungsurlaub, Sabbatical, Sabbatjahr, Vätermonate,
Vätermonat, Elternmonat, Elternmonate, unbezahlter Urlaub, Pflegezeit, Karenz, Papamonat, Babypause, congé parental,
congé maternité, congé de maternité, congé paternité, congé de paternité, congé sans solde, congé sabbatique,
congé exceptionnel, baja por maternidad, baja por paternidad, baja maternal, baja paternal, permiso de maternidad,
permiso de paternidad, permiso parental, excedencia, permiso retribuido, permiso por matrimonio, año sabático, congedo,
congedo parentale, congedo di maternità, congedo di paternità, maternità, paternità, aspettativa, congedo matrimoniale,
anno sabbatico, ouderschapsverlof, zwangerschapsverlof, bevallingsverlof, vaderschapsverlof, geboorteverlof,
onbetaald verlof, bijzonder verlof, zorgverlof, tijdskrediet, licença, licença maternidade, licença paternidade,
licença parental, licença-maternidade, licença-paternidade, licença sem vencimento, licença de casamento, sabático,
föräldraledig, föräldraledighet, pappaledig, mammaledig, tjänstledig, tjänstledighet, studieledig, barnledig,
urlop macierzyński, urlop ojcowski, urlop rodzicielski, urlop wychowawczy, urlop bezpłatny, urlop okolicznościowy,
urlop tacierzyński, 育休, 育児休業, 育児休暇, 産休, 産前産後休業, 出産休暇, 介護休暇, 忌引, 結婚休暇, 休職, 육아휴직,
출산휴가, 배우자 출산휴가, 경조휴가, 경조사휴가, 안식월, 무급휴가, 产假, 產假, 陪产假, 陪產假, 婚假, 丧假, 喪假, 育儿假,
mateřská, mateřská dovolená, rodičovská, rodičovská dovolená, otcovská, neplacené volno, vanhempainvapaa, isyysloma,
äitiysloma, isyysvapaa, opintovapaa, palkaton vapaa, vuorotteluvapaa, barsel, barselsorlov, forældreorlov, orlov, permisjon,
foreldrepermisjon, pappaperm, pappapermisjon, omsorgsdage, foreldreperm, ulønnet permisjon, doğum izni, babalık izni,
ücretsiz izin, evlilik izni, إجازة أمومة, إجازة أبوة, إجازة بدون راتب, חופשת לידה, חופשה ללא תשלום, חל״ת
""",
    "sick": """
sick, sick leave, sick day, sick days, off sick, out sick, medical leave, krank, krankgemeldet, Krankheit, arbeitsunfähig,
arrêt maladie, malade, congé maladie, baja médica, baja por enfermedad, de baja, enfermo, enferma, malattia, in malattia,
permesso per malattia, ziek, ziekteverlof, ziek gemeld, doente, baixa médica, atestado médico, licença médica, sjuk,
sjukskriven, sjukledig, L4, zwolnienie lekarskie, chory, chora, 病欠, 病気休暇, 病休, 병가, 病假, nemoc, nemocenská,
nemocný, sairas, sairasloma, sairauslomalla, syg, sygemeldt, sykmeldt, syk, hastalık izni, raporlu, إجازة مرضية, חופשת מחלה,
מחלה
""",
    "ooo": """
OOF, AFK, OOO, O.O.O., OOTO, OoO, out of office, out of the office, out-of-office, away from office, away from the office,
not in office, not in the office, not working, unavailable all week, unplugged, offline all day, abwesend, Abwesenheit,
außer Haus, ausser Haus, nicht im Büro, Büro abwesend, nicht verfügbar, nicht da, nicht im Haus, absent, absente, absence,
absent du bureau, hors bureau, hors du bureau, pas au bureau, indisponible, ausente, fuera de la oficina, fuera de oficina,
no disponible, ausencia, assente, assenza, fuori ufficio, fuori sede, non in ufficio, non disponibile, afwezig,
niet aanwezig, niet op kantoor, afwezigheid, uit kantoor, niet beschikbaar, fora do escritório, ausência, indisponível,
fora da empresa, frånvarande, frånvaro, inte på kontoret, ej på kontoret, ej tillgänglig, borta, nieobecny, nieobecna,
nieobecność, poza biurem, niedostępny, niedostępna, 不在, 終日不在, 外出中, 부재, 부재중, 자리비움, 不在办公室, 外出, 离岗,
不在公司, nepřítomen, nepřítomna, mimo kancelář, nepřítomnost, poissa, poissaolo, ei paikalla, poissa toimistolta,
fraværende, fravær, ikke på kontoret, ude af kontoret, ofis dışı, ofis dışında, خارج المكتب, מחוץ למשרד, לא במשרד
""",
    "holiday": """
holiday, holidays, hols, hol, christmas break, christmas holiday, christmas holidays, xmas break, xmas holidays,
winter break, easter holidays, easter break, winterferie, easter holiday
""",
    "alone": """
baja, off, leave, AL, CP, frei, vrij, libre, ledig, wolne, fri, vapaa, permiso, permesso, permessi, ROL, 假期, repos, 休
""",
    "gone": """
away, out, gone, weg, fuera, fuori, parti, partie, ude, ute, väck, pryč
""",
    "half": """
half day, half-day, 1/2 day, half days, morning off, afternoon off, AM off, PM off, AM only, PM only, early finish,
off early, leaving early, late start, few hours off, couple of hours off, halber Tag, halbtags, halber Urlaubstag,
halber Tag frei, vormittags, nachmittags, demi-journée, demi journée, matinée, après-midi, medio día, media jornada,
mezza giornata, halve dag, ochtend vrij, middag vrij, meio dia, meio período, meio-dia, halvdag, halv dag, pół dnia, 半休,
午前休, 午後休, 半日休, 半日休暇, 午前半休, 午後半休, 時間休, 반차, 오전반차, 오후반차, 반반차, 半天, 半天假, půlden,
půl dne, puolipäivä, halvdagsfri, yarım gün, نصف يوم, חצי יום
""",
}

# A compound ends in what it is: a Skiurlaub is an Urlaub. Sommerferien are the school's (see words_other), Dienstreise is a trip.
COMPOUNDS = (
    (r"(?:bildungs|sonder|mutterschafts|vaterschafts|eltern|pflege|hochzeits|umzugs)urlaub", "long-leave"),
    (r"[a-z]{2,}urlaub", "leave"),
    (r"(?:ouderschaps|zorg|zwangerschaps|vaderschaps|geboorte|calamiteiten|rouw)verlof", "long-leave"),
    (r"[a-z]{3,}(?:vakantie|verlof)", "leave"),
    (r"[a-z]{3,}(?:semester|ledig)", "leave"),
    (r"[a-z]{3,}(?:loma|lomalla)", "leave"),
    (r"[a-z]{3,}orlov", "long-leave"),
    (r".{1,4}休暇|.{1,3}(?:휴가|연차)", "leave"),
)
