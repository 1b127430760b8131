"""Words for being on the way or away, in the languages of calendars: data only. `rules.evidence` and `rules.artefacts` say
what follows from them.

trip: a journey, where a place is named. business-trip: enough by itself. conference: a gathering one travels to, unless it
is at home. visit: only with a place that is not home. flight, rail, ferry, car, drive: means of transport. ride: a way
within a trip. lodging: a house with beds. reservation, check-in, check-out, stay: about lodging. to, from, in: before a
place. home: the way back."""

CLASSES = {
    "trip": """
trip, trips, road trip, roadtrip, city trip, city break, citybreak, weekend trip, weekend in, weekend away, weekend getaway,
getaway, mini break, travel, travels, travelling, traveling, travel to, tour, cruise, safari, expedition, backpacking,
skiing, ski trip, ski weekend, onsite, on-site, offsite, off-site, team offsite, company offsite, retreat, team retreat,
company retreat, leadership retreat, field trip, roadshow, road show, in person week, all hands week, leave for,
leaving for, leaving to, depart for, departing for, departure to, departure for, excursion, camping, camping trip,
hiking trip, sailing trip, surf trip, heading to, going to, traveling to, travelling to, workation, travel day, Reisetag,
Heimreise, Rückreise, away for work, site week, team week, hackweek,
tour of, expo, away in, away to, away at, pilgrimage, escape to, tournée, Reise, Reisen, Rundreise, Städtereise, Städtetrip,
Kurztrip, Wochenende in, Ausflug nach, Reise nach, Fahrt nach, Kreuzfahrt, Klausur, Klausurtagung, Offsite, Teamklausur,
Wanderreise, unterwegs, verreist, auf Reisen, Roadtrip, Abreise nach, Anreise nach, Skifahren, Skireise, Segeltörn,
Wochenendtrip, Team-Offsite, Bildungsreise, Studienreise, voyage, voyage à, week-end à, weekend à, séjour, séjour à,
escapade, croisière, en voyage, séminaire, séminaire d'équipe, départ pour, départ à, week-end, ski, viaje, viaje a,
de viaje, viajes, viajando, escapada, crucero, excursión a, fin de semana en, salida a, viaje en familia, retiro de equipo,
retiro, viaggio, viaggio a, in viaggio, gita, gita a, crociera, fuga a, weekend a, soggiorno, ritiro, partenza per, reis,
reis naar, op reis, stedentrip, weekendje, weekendje weg, weekend weg, uitje, rondreis, vertrek naar, heidag, heidagen,
viagem, viagem a, viagem para, em viagem, cruzeiro, fim de semana em, passeio a, escapadinha, saída para, retiro da equipe,
resa, resa till, resor, weekendresa, kryssning, weekend i, på resa, på resande fot, utflykt till, resdag, konferensresa,
skidresa, avresa till, podróż, podróż do, w podróży, wyjazd, wyjazd do, wycieczka, wycieczka do, rejs, weekend w,
wyjazd integracyjny, na wyjeździe, 旅行, 旅, 国内旅行, 海外旅行, 家族旅, 社員旅行, 合宿, オフサイト, 帰省, 温泉旅行, 旅行中,
クルーズ, 温泉, スキー旅行, ツアー, 視察, 現地, 여행, 국내여행, 해외여행, 워크숍여행, 여행중, 旅游, 旅遊, 旅程, 团建, 回国,
출국, cesta, cesta do, výlet, výlet do, zájezd, pobyt, matka, matkalla, reissu, kaupunkiloma, rejse, rejse til, på rejse,
storbyferie, weekendtur, tur til, reise til, på reise, på tur til, helgetur, hyttetur, skitur, seyahat, gezi, yolculuk, tur,
سفر, رحلة, رحلة إلى, مسافر, נסיעה, טיול, נסיעה ל, טיסה וחופשה
""",
    "business-trip": """
business trip, business travel, work trip, biz trip, traveling for work, travelling for work, travel for work, work travel,
on business trip, customer trip, client trip, on the road, traveling, travelling, trade mission, Dienstreise,
auf Dienstreise, Geschäftsreise, Dienstreisen, Geschäftsreisen, Vertriebsreise, Kundenreise, déplacement, en déplacement,
déplacement professionnel, voyage d'affaires, voyage professionnel, déplacement pro, mission à l'étranger, viaje de trabajo,
viaje de negocios, viaje laboral, viaje profesional, comisión de servicios, trasferta, in trasferta, viaggio di lavoro,
viaggio d'affari, missione, zakenreis, dienstreis, werkreis, op zakenreis, viagem de trabalho, viagem de negócios,
viagem a trabalho, viagem profissional, viagem corporativa, viagem em serviço, deslocação em serviço, tjänsteresa,
affärsresa, jobbresa, på tjänsteresa, arbetsresa, delegacja, w delegacji, podróż służbowa, wyjazd służbowy, delegacji,
podróży służbowej, wyjeździe służbowym, 出張, 国内出張, 海外出張, 出張中, 日帰り出張, 출장, 해외출장, 국내출장, 출장중,
해외 출장, 出差, 公出, 出差中, 商务旅行, 商務旅行, služební cesta, služebka, pracovní cesta, na služební cestě, työmatka,
työmatkalla, virkamatka, tjenesterejse, forretningsrejse, tjenestereise, forretningsreise, jobbreise, arbejdsrejse,
iş seyahati, iş gezisi, رحلة عمل, مهمة عمل, سفر عمل, נסיעת עסקים, נסיעת עבודה, נסיעה עסקית
""",
    "conference": """
conference, conf, summit, congress, convention, symposium, trade show, tradeshow, trade fair, fair, expo, hackathon,
conferences, sales kickoff, SKO, kick-off week, world congress, annual meeting, users conference, user conference, devcon,
devfest, unconference, forum, festival, bootcamp, summer school, workshop, user group meeting, barcamp, exhibition,
Konferenz, Messe, Kongress, Tagung, Fachtagung, Symposium, Fachmesse, Hauptversammlung, Jahrestagung, Messebesuch, Kongreß,
Fachkonferenz, Hausmesse, Summer School, conférence, congrès, salon, colloque, sommet, salon professionnel, assises,
journées, université d'été, conferencia, congreso, feria, cumbre, simposio, jornadas, jornada, convención, salón,
conferenza, congresso, fiera, convegno, vertice, salone, conferentie, congres, beurs, vakbeurs, jaarbeurs, conferência,
feira, cúpula, simpósio, encontro nacional, encontro anual, cimeira, konferens, mässa, kongress, toppmöte, årskonferens,
fackmässa, konferencja, targi, kongres, sympozjum, zjazd, szczyt, konferencji, targach, 学会, カンファレンス, 展示会,
国際会議, シンポジウム, 見本市, サミット, 大会, 学術大会, フォーラム, エキスポ, 학회, 컨퍼런스, 콘퍼런스, 박람회, 전시회,
세미나, 서밋, 会议, 峰会, 展会, 展览会, 研讨会, 論壇, 论坛, 學會, 博览会, konference, veletrh, sjezd, konferenssi, messut,
kongressi, seminaari, seminar, messe, konferanse, årsmøte, konferans, kongre, fuar, zirve, مؤتمر, قمة, معرض, כנס, ועידה,
תערוכה
""",
    "visit": """
visit, visiting, visit to, customer visit, client visit, site visit, office visit, plant visit, factory visit, campus visit,
team visit, customer meeting in, on site, at customer, at client, client site, customer site, site inspection, HQ visit,
HQ week, in office week, at HQ, HQ, board offsite, due diligence, secondment, field visit, deployment at, Kundenbesuch,
Besuch in, Besuch bei, zu Besuch in, Werksbesuch, Standortbesuch, vor Ort, Anreise nach, Rückreise aus, Rückreise von,
Kundentermin, beim Kunden, Kundentermine, Besuch,
Aufenthalt, Einsatz, Baustelle, Audit, visite, visite client, visite à, chez le client, sur site, visite site, visite usine,
rendez-vous client, visita, visita a, visita cliente, visita al cliente, visitar, visita a cliente, visita clienti,
dal cliente, in sede, en sede, cliente, bezoek, klantbezoek, bezoek aan, op bezoek, op locatie, visita ao cliente,
visita técnica, besök, kundbesök, besök hos, på plats, på besök, wizyta, wizyta u klienta, wizyta w, u klienta, 訪問,
客先訪問, 顧客訪問, 客先, 工場見学, 방문, 고객사 방문, 拜访, 客户拜访, 考察, návštěva, asiakasvierailu, vierailu,
kundebesøg, besøg, kundebesøk, besøk, müşteri ziyareti, ziyaret, زيارة, ביקור
""",
    "flight": """
flight, flights, flight home, fly home, flying home, flight back, fly back, flying back, flight to, flight from,
outbound flight, inbound flight, return flight, flight out, flying, flying to, flying out, fly, fly to, fly out, red-eye,
redeye, red eye, red-eye flight, connecting flight, plane, plane to, departure flight, flight number, Flug,
Flug nach, Hinflug, Rückflug, Abflug, Flug von, Weiterflug, Heimflug, Anschlussflug, fliegen, Nachtflug, Flugzeug, Flüge,
vol, vol pour, vol vers, vol aller, vol retour, vol à destination de, avion, avion pour, vol de, départ avion, vuelo,
vuelo a, vuelo de ida, vuelo de vuelta, vuelo de regreso, avión, volar a, vuelo hacia, vuelo con destino, vuelos, volo,
volo per, volo a, volo di andata, volo di ritorno, aereo, aereo per, volo da, vlucht, vlucht naar, heenvlucht, terugvlucht,
vliegen, vliegen naar, vliegtuig, retourvlucht, terugvlucht naar, voo, voo para, voo de ida, voo de volta, voar para, avião,
voo de regresso, flyg, flyg till, utresa, hemresa, returflyg, flyget, flyga till, flygresa, flyg hem, lot, lot do, przelot,
lot powrotny, samolot, samolot do, wylot, lot na, lot z, フライト, 飛行機, 便, 航空便, 往路便, 復路便, 帰国便, 航空券, 搭乗,
비행기, 항공편, 비행, 귀국편, 航班, 飞机, 飛機, 班机, 飞, 飛, 搭机, let, let do, let z, odlet, zpáteční let, lento,
paluulento, lento kohteeseen, menolento, fly til, flyrejse, flyvning, flyreise, hjemfly, flyet, flyver til, fly hjem, uçuş,
uçak, dönüş uçuşu, رحلة جوية, طيران, طائرة, טיסה, טיסה ל, טיסת חזור
""",
    "rail": """
train, train home, train back, tåg hem, train retour, treno di ritorno, train to, trains, train from, night train,
sleeper train, sleeper, rail, railway, eurostar, thalys, amtrak, acela, caltrain, TGV, TGV inoui, ouigo, intercity, IC, ICE,
EC, RJ, RJX, railjet, nightjet, NJ, Zug nach, Zug, Zugfahrt, Bahn, Bahnfahrt, Bahnreise, Nachtzug, Deutsche Bahn, DB, SBB,
ÖBB, Hinfahrt, Rückfahrt, Heimfahrt, Reiseverbindung, journey details, journey, your journey, train ticket, train journey,
LNER, GWR, Avanti West Coast, Avanti, ScotRail, CrossCountry, train pour, train de, en train, billet de train,
voyage en train, SNCF, TER, intercités, tren, tren a, tren de, AVE, renfe, iryo, alvia, en tren, treno, treno per, in treno,
trenitalia, frecciarossa, frecciargento, frecciabianca, italo, freccia, trein, trein naar, NS, met de trein, comboio,
comboio para, trem, trem para, alfa pendular, CP comboio, tåg, tåg till, tåget, SJ, snälltåget, X2000, nattåg, pociąg,
pociąg do, pkp, pkp intercity, pendolino, EIP, EIC, TLK, pociągiem, 新幹線, 電車, 特急, のぞみ, ひかり, こだま, はやぶさ,
列車, 夜行列車, KTX, SRT, 기차, 열차, 고铁, 高铁, 高鐵, 动车, 火车, 火車, vlak, vlak do, regiojet, leo express, české dráhy,
juna, pendolino juna, VR, tog, tog til, togtur, DSB, toget, vy, tren bileti, hızlı tren, قطار, רכבת, bus, bus to, bus from,
coach, coach to, flixbus, greyhound, megabus, national express, blablacar bus, bus nach, Fernbus, autobus, autobús,
autobús a, autocar, pullman, autobus do, buss, buss till, flixtrain, 高速バス, バス, 夜行バス, 버스, 고속버스, 大巴
""",
    "airline": """
lufthansa, turkish, hawaiian, hawaiian airlines, garuda, airasia, scoot, malaysia airlines, asiana airlines, 大韓航空,
대한항공, 아시아나, 全日空, 日本航空, 东航, 南航, 国航, 国泰, ryanair, easyjet, eurowings, wizz, wizz air, wizzair,
air france, KLM, british airways, BA flight, iberia,
vueling, TAP, TAP air portugal, SAS airlines, finnair, norwegian, norwegian air, swiss air, swiss, austrian,
austrian airlines, brussels airlines, LOT polish airlines, aer lingus, condor, tuifly, transavia, volotea, ITA airways,
alitalia, aegean, turkish airlines, pegasus, emirates, qatar airways, etihad, united, united airlines, delta,
delta air lines, american airlines, southwest, southwest airlines, jetblue, alaska airlines, spirit airlines,
frontier airlines, air canada, westjet, latam, avianca, copa, gol, azul, aeromexico, volaris, JAL, ANA, japan airlines,
peach aviation, skymark, cathay, cathay pacific, singapore airlines, qantas, jetstar, air new zealand, korean air, asiana,
air china, china eastern, china southern, thai airways, vietnam airlines, air india, indigo, ethiopian airlines,
kenya airways, south african airways, el al, saudia, icelandair, play airlines, flybe, jet2, airbaltic, smartwings
""",
    "carrier": """
terminal, ihr, ihre, votre, uw, twój, T1, T2, T3, gate, seat, PNR, confirmation code, booking ref, ref, record locator,
operated by, economy,
business class, premium economy, nonstop, non-stop, direct, direct flight, departure, departs, arrival, outbound, dep, arr,
boarding pass, coach 1, wagen, platz, voiture, carriage, gleis, platform, morning, evening, early, late, afternoon, night,
overnight, nacht, noche, nuit, your, detail, details, info, economy class, class
""",
    "ferry": """
ferry, ferry to, ferries, overnight ferry, Fähre, Fähre nach, ferry pour, bateau pour, traversée, ferri, ferry a, traghetto,
traghetto per, veerboot, veerpont, boot naar, barca, ferry para, färja, färja till, färjan, prom, prom do, フェリー, 페리,
渡轮, trajekt, laiva, lautta, laivalla, færge, færgen, ferge, ferge til, feribot, vapur, عبارة, מעבורת, tallink,
viking line, silja line, stena line, DFDS, brittany ferries, P&O ferries, color line, irish ferries, polferries, finnlines,
moby lines, grimaldi lines
""",
    "car": """
rental car, car rental, rent a car, rent-a-car, hire car, car hire, rental car reservation, pick up rental car,
pick-up rental car, pickup rental car, rental car pick-up, rental car pickup, car rental pick-up, car rental pickup,
collect hire car, collect rental car, rental car return, return rental car, drop off rental car, van rental, RV rental,
campervan, motorhome rental, rental pickup, Mietwagen, Mietauto, Leihwagen, Mietwagenreservierung, Autovermietung,
Mietwagen abholen, Abholung Mietwagen, Mietwagen zurückgeben, Rückgabe Mietwagen, Wohnmobil, location de voiture,
voiture de location, location voiture, véhicule de location, coche de alquiler, alquiler de coche, alquiler coche,
auto de alquiler, alquiler de auto, renta de auto, noleggio auto, autonoleggio, auto a noleggio, noleggio macchina,
huurauto, autoverhuur, auto huren, huurwagen, aluguer de carro, aluguel de carro, carro alugado, aluguer de automóvel,
locação de veículo, hyrbil, biluthyrning, wypożyczony samochód, wynajem samochodu, wypożyczalnia samochodów,
samochód z wypożyczalni, レンタカー, 렌터카, 렌트카, 租车, 租車, půjčovna aut, půjčené auto, vuokra-auto, autonvuokraus,
lejebil, udlejningsbil, leiebil, bilutleie, biludlejning, araç kiralama, kiralık araç, استئجار سيارة, השכרת רכב, hertz,
avis, sixt, europcar, enterprise rent-a-car, national car rental, alamo, budget rent a car, dollar rent a car, thrifty,
goldcar, sicily by car, centauro, buchbinder, toyota rent a car, times car rental, orix レンタカー, ニッポンレンタカー,
turo
""",
    "drive": """
drive to, driving to, drive down to, drive up to, long drive, Autofahrt nach, Fahrt nach, mit dem Auto nach, route vers,
route pour, en voiture à, conducir a, en coche a, in auto a, in macchina a, rijden naar, met de auto naar, dirigir para,
de carro para, köra till, bil till, jazda do, samochodem do, autem do, ajo
""",
    "ride": """
taxi, cab, uber, lyft, bolt, transfer, airport transfer, shuttle, airport shuttle, limo, car service, black car,
ride to airport, ride to the airport, taxi to airport, taxi to the airport, cab to airport, leave for airport,
leave for the airport, leave to airport, head to airport, airport parking, parking, S-Bahn, airport express,
heathrow express, gatwick express, parkplatz flughafen, Taxi zum Flughafen, zum Flughafen, Flughafentransfer,
Fahrt zum Flughafen, navette, navette aéroport, taxi aéroport, traslado, traslado al aeropuerto, taxi al aeropuerto,
trasferimento, navetta, taxi per aeroporto, taxi naar schiphol, naar schiphol, transfer aeroporto, flygbuss, flygbussen,
taxi na lotnisko, na lotnisko, 空港へ, 送迎, リムジンバス, 空港バス, タクシー, 공항버스, 공항 이동, 接机, 送机, 机场大巴,
boarding, security, airport lounge, lounge, layover, stopover
""",
    "arrival": """
lands, landing, arrives, arriving, arrival of, arrival from, arrivals, pick up from airport, pickup from airport,
pick-up from airport, pick up at airport, airport pickup, airport pick-up, airport pick up, pick up at the airport,
pick up from the airport, pick up from, pickup at, drop off at airport, drop off, take to airport, meet at airport,
flies in, flying in, in town, coming to, comes to, coming home, comes home, is coming, landet, kommt an, kommt, kommen,
Ankunft von, abholen vom Flughafen, vom Flughafen abholen, Flughafen abholen, vom Bahnhof abholen, abholen, bringen,
Abholung, arrive, arrivent, arrivée de, aller chercher, chercher à l'aéroport, chercher, récupérer, déposer, llega, llegan,
recoger, recoger a, llegada de, buscar a, arriva, arrivano, prendere, andare a prendere, accompagnare, landt, komt aan,
ophalen, halen, brengen, chega, chegam, buscar, pegar no aeroporto, landar, anländer, hämta, lämna, przylot, przylatuje,
przylatują, przyjazd, odebrać, odbiór, 到着, お迎え, 迎え, 迎えに行く, 마중, 도착, 接, přilétá, přijíždí, vyzvednout,
saapuu, hakea, ankommer, henter, hent, hente, geliyor, karşılama
""",
    "lodging": """
vacation home, hotel, hotels, hostel, motel, inn, resort, lodge, airbnb, air bnb, vrbo, booking com, ryokan, B&B,
bed and breakfast, guest house,
guesthouse, apartment rental, holiday home, holiday rental, vacation rental, holiday apartment, accommodation,
accommodations, lodging, suites, apartments, campsite, campground, chalet, villa, cottage, cabin, glamping, bnb, aparthotel,
boutique hotel, palace hotel, grand hotel, holiday cottage, holiday let, hotel stay, Unterkunft, Ferienwohnung, FeWo,
Ferienhaus, Pension, Gasthof, Gästehaus, Jugendherberge, Hotelaufenthalt, Hotelübernachtung, Übernachtung, Hotelzimmer,
Gasthaus, Campingplatz, Landhaus, Hotelbuchung, Hotelreservierung, Übernachtung in, Berghütte, Ferienapartment, hôtel,
hébergement, gîte, chambre d'hôtes, chambre d'hôte, auberge, auberge de jeunesse, nuit à, logement, résidence hôtelière,
nuitée, réservation hôtel, alojamiento, hostal, parador, apartamento, apartamento turístico, albergue, posada, casa rural,
hospedaje, noche en, reserva hotel, albergo, alloggio, ostello, pensione, agriturismo, locanda, pernottamento, casa vacanze,
appartamento, residence, masseria, prenotazione hotel, verblijf, vakantiehuis, vakantiewoning, vakantiepark, overnachting,
herberg, logies, huisje, bungalow, center parcs, appartement, pousada, hospedagem, alojamento, estadia, estalagem,
hotel fazenda, albergaria, hotell, vandrarhem, boende, logi, stuga, hyrd stuga, övernattning, pensionat, hotellbokning,
nocleg, noclegi, pensjonat, schronisko, kwatera, zakwaterowanie, hotelu, apartament, domek, hotelik, ホテル, 旅館, 宿, 宿泊,
民宿, 民泊, 宿泊予約, ホステル, ペンション, 泊まり, ゲストハウス, ご宿泊, ビジネスホテル, 호텔, 숙소, 펜션, 에어비앤비,
숙박, 게스트하우스, 리조트, 酒店, 宾馆, 賓館, 旅馆, 旅店, 住宿, 飯店, 饭店预订, ubytování, penzion, chata, noclehy, hotelli,
majoitus, mökki, hostelli, overnatning, feriehus, sommerhus, overnatting, kro, hytte, vandrerhjem, otel, konaklama,
pansiyon, فندق, إقامة, شقة فندقية, מלון, צימר, אירוח, לינה, Marriott, Hilton, Hyatt, Radisson, Radisson Blu, Sheraton,
Westin, Ibis, ibis Styles, Novotel, Mercure, Sofitel, Pullman Hotel, Holiday Inn, Holiday Inn Express, Hampton Inn, Hampton,
DoubleTree, Motel One, Premier Inn, Best Western, NH Hotel, NH Collection, Ritz-Carlton, Four Seasons, citizenM, Meininger,
Scandic, InterContinental, Crowne Plaza, Courtyard, Residence Inn, Fairfield Inn, Hilton Garden Inn, Embassy Suites,
Travelodge, Melia, Kempinski, Steigenberger, Moxy, Leonardo Hotel, Maritim, Mövenpick, Moevenpick, Park Inn, Wyndham,
Ramada, La Quinta, Comfort Inn, Days Inn, Super 8, Motel 6, Club Med, Comfort Hotel, Clarion, Elite Hotel, Sokos,
Original Sokos, B&B Hotel, Hard Rock Hotel, Ace Hotel, Hoxton, Generator Hostel, a&o hostel, Sandos, Iberostar, Barceló,
Riu, TUI Blu, Robinson Club, Pestana, Toyoko Inn, 東横イン, アパホテル, APA Hotel, Dormy Inn, ドーミーイン, Aloft,
JW Marriott, St. Regis, W Hotel, Conrad, Waldorf Astoria, Fairmont, Shangri-La, Mandarin Oriental, Peninsula Hotel, AKA,
Prince Hotel, プリンスホテル, 新阪急ホテル, ルートイン
""",
    "stay": """
stay at, stay in, your stay at, your stay in, staying at, staying in, overnight at, overnight in, Aufenthalt im,
Aufenthalt in, Aufenthalt bei, Übernachtung im, Übernachtung bei, séjour à l'hôtel, séjour au, séjour chez, séjour à,
estancia en, estadía en, alojamiento en, soggiorno presso, soggiorno a, verblijf in, verblijf bij, estadia em, estadia no,
hospedagem em, vistelse på, övernattning på, boende på, pobyt w, nocleg w, に宿泊, 滞在, 숙박 예약, 入住,
majoitus hotellissa, ophold på, opphold på, konaklama tesisi
""",
    "reservation": """
reservation, hotel reservation, hotel booking, room reservation, Reservierung, réservation, reserva, reserva de hotel,
reserva en, prenotazione, prenotazione presso, reservering, hotelreservering, boeking, reservation hotel, hotellreservation,
bokning, rezerwacja, rezerwacja hotelu, 予約, ご予約, 예약, 预订, 預訂, rezervace, varaus, reservasjon, bestilling,
rezervasyon, حجز, הזמנה, booking confirmation, Buchungsbestätigung, Buchung, confirmation, confirmed, bestätigt,
lodging reservation, train reservation, flight reservation, car reservation, economy class car, itinerary, e-ticket,
eticket, ticket, tickets, fahrkarte, billet, biglietto, bilet
""",
    "check-in": """
check-in, check in, checkin, hotel check-in, check-in at, Einchecken, Anreise, enregistrement, arrivée à l'hôtel,
facturación, registro, entrada al hotel, arrivo in hotel, inchecken, aankomst hotel, incheckning, zameldowanie,
チェックイン, 체크인, 办理入住, ubytování od, sisäänkirjautuminen, indtjekning, innsjekking, giriş yapma
""",
    "check-out": """
check-out, check out, checkout, hotel check-out, Auschecken, Abreise, départ de l'hôtel, salida del hotel, uitchecken,
utcheckning, wymeldowanie, チェックアウト, 체크아웃, 退房, udtjekning, utsjekking, rental car return, return rental car,
drop off rental car, Mietwagen zurückgeben, Rückgabe Mietwagen
""",
    "home": """
home, flight home, fly home, flying home, train home, drive home, back home, heading home, way home, return, return home,
return flight, flight back, fly back, flying back, return trip, return to, homebound, inbound, back to, return journey,
trip home, travel home, traveling home, nach Hause, heim, Heimflug, Rückflug, Heimreise, Rückreise, Rückfahrt, Heimfahrt,
zurück, zurück nach, retour, vol retour, retour à, retour à la maison, train retour, vuelta, vuelo de vuelta,
vuelo de regreso, regreso, vuelta a casa, regreso a, regreso a casa, ritorno, volo di ritorno, ritorno a casa, rientro,
treno di ritorno, terug, terugvlucht, terugreis, naar huis, terug naar, terug naar huis, volta, voo de volta, regresso,
volta para casa, voo de regresso, retorno, hem, hemresa, hemfärd, flyg hem, tåg hem, returflyg, powrót, lot powrotny,
do domu, powrót do domu, powrót do, powrotny, 帰国, 帰り, 復路, 帰京, 帰宅, 帰国便, 귀국, 귀가, 귀국편, 복귀, 回程, 返程,
回国, 回家, domů, zpět, zpáteční let, kotiin, paluu, paluulento, kotimatka, hjem, hjemrejse, hjemreise, hjemfly, retur,
fly hjem, dönüş, eve dönüş, عودة, العودة, הביתה, חזרה, טיסת חזור
""",
    "to": """
to, towards, nach, pour, vers, à, au, aux, a, al, hacia, para, per, ad, naar, till, do, til, へ, 行き, 방면, 去, 往, 飞往,
kohti, إلى, zu, zum, zur, na, ke, para o, para a
""",
    "from": """
from, aus, von, ab, de, du, desde, da, dal, van, från, z, ze, fra, から, 発, 에서, 从, 從, mistä, من, od, out of, depuis, vanaf
""",
    "in": """
in, at, near, auf, im, am, an der, an, en, a la, en el, dans, chez, au, sur, nel, in der, nella, sul, a, op, te, aan, bij,
em, no, na, nos, nas, i, på, w, we, nad, v, ve, で, に, の, 에, 在, ssa, hos, ved, de, den, der, die, das, on, by, around,
across, beim, um, el, la, les, los, las, le, il, lo, het, o, os
""",
}

COMPOUNDS = (
    (
        r"(?:telefon|video|presse|telefoni|telefonie|eltern|lehrer|schul|noten)(?:konferenz|conferentie|konferens|konferanse)",
        "meeting",
    ),
    (r"(?:dienst|geschafts|kunden|vertriebs|messe)reise[n]?", "business-trip"),
    (r"(?:zaken|dienst|werk)reis", "business-trip"),
    (r"(?:klassen|schul|kur)(?:reise|fahrt)", "school"),
    (r"[a-z]{3,}(?:reise|kreuzfahrt)", "trip"),
    (r"[a-z]{3,}(?:resa|rejse)", "trip"),
    (r"[a-z]{3,}(?:konferenz|messe|kongress|tagung|konferens|massa|konferencja)", "conference"),
    (r"[a-z]{2,}(?:con|conf|fest|camp|summit|expo)", "conference-name"),
    (r"[a-z]{3,}hotel|hotel[a-z]{2,12}", "lodging"),
)
