"""Names of cities, regions and countries in the languages of calendars, as tables of text: data only, read by
`integrations.places`, which parses them when the first title needs it. Nothing is decided here. A line that begins with `|`
goes on with the one above.

CITIES: `codes|name|other names`; the first code gives zone, country and coordinates, all codes belong to that city. `~` in front:
the place only lies near that airport, and each name is a town of its own. `*` before a name: also an ordinary word or a person's
name, it counts only with context. REGIONS: the same, for islands, coasts and provinces. COUNTRIES: `country|zone of the
capital|names`. STATES: `country|code zone name|…`."""

import re
from collections.abc import Iterator

CITIES = """
LHR LGW STN LTN LCY SEN|London|Londres|Londra|Londen|Londyn|Londynu|Lontoo|Londýn|Londýna|ロンドン|런던|伦敦|倫敦|لندن|לונדון
CDG ORY BVA LBG|Paris|París|Parigi|Parijs|Paryż|Paryża|Paryżu|Pariisi|Paříž|パリ|파리|巴黎|باريس|פריז
BER TXL SXF THF|Berlin|Berlín|Berlino|Berlijn|Berlim|Berlina|Berlinie|Berliini|ベルリン|베를린|柏林|برلين|ברלין
HAM|Hamburg|Hamburgo|Amburgo|Hambourg|Hamburga|Hampuri|ハンブルク|함부르크|汉堡
MUC|Munich|München|Muenchen|Múnich|Monaco di Baviera|Munique|Monachium|Mnichov|ミュンヘン|뮌헨|慕尼黑
FRA HHN|Frankfurt|Frankfurt am Main|Frankfurt/Main|Francfort|Francoforte|Fráncfort|Frankfurcie|フランクフルト|프랑크푸르트
|法兰克福
CGN|Cologne|Köln|Koeln|Colonia|Colônia|Keulen|Kolonia|Kolonii|ケルン|쾰른|科隆
DUS|Düsseldorf|Duesseldorf|Dusseldorf|デュッセルドルフ
STR|Stuttgart|Stoccarda|シュトゥットガルト
NUE|Nuremberg|Nürnberg|Nuernberg|Norimberga|Núremberg|Neurenberg|Norymberga
LEJ|Leipzig|Lipsia|Lipsk|ライプツィヒ
DRS|Dresden|Dresde|Dresda|Drezno|Drážďany|ドレスデン
HAJ|Hanover|Hannover|Hannovre|ハノーファー
BRE|Bremen|Brême|Brema
FMM|Memmingen
~FRA|Mainz|Wiesbaden|Darmstadt|Mannheim|Heidelberg|Mayence
FKB|Karlsruhe|Baden-Baden
~STR|Ulm|Tübingen|Heilbronn|Reutlingen
~MUC|Augsburg|Ingolstadt|Regensburg|Garmisch-Partenkirchen|Garmisch|Rosenheim|Passau
~NUE|Würzburg|Wuerzburg|Bamberg|Bayreuth|Erlangen
~CGN|Bonn|Aachen|Aix-la-Chapelle|Leverkusen|Koblenz|Trier
DTM|Dortmund
~DUS|*Essen|Duisburg|Bochum|Wuppertal|Krefeld|Mönchengladbach
FMO|Münster|Muenster|Osnabrück
PAD|Paderborn|Bielefeld
KSF|Kassel|Göttingen
ERF|Erfurt|Weimar|Jena
~LEJ|Magdeburg|Chemnitz|*Halle|Halle (Saale)
RLG|Rostock|Warnemünde|Schwerin|Stralsund
LBC|Lübeck|Luebeck
~HAM|Kiel|Lüneburg|Flensburg
~BER|Potsdam|Cottbus
~HAJ|Wolfsburg|Braunschweig|Hildesheim
~BSL|Freiburg|Freiburg im Breisgau|Fribourg-en-Brisgau
FDH|Friedrichshafen|Konstanz|Lindau|Bregenz
SCN|Saarbrücken|Saarbruecken
VIE|Vienna|Wien|Viena|Vienne|Wenen|Wiedeń|Wiednia|Wiedniu|Vídeň|Vídně|Bécs|ウィーン|빈|维也纳|فيينا|וינה
SZG|Salzburg|Salzburgo|Salisburgo|Salzbourg
INN|Innsbruck
GRZ|Graz
LNZ|Linz
KLU|Klagenfurt|Villach
ZRH|Zurich|Zürich|Zuerich|Zúrich|Zurigo|Zurych|Curych|チューリッヒ|취리히|苏黎世
GVA|Geneva|Genf|Genève|Geneve|Ginebra|Ginevra|Genebra|Genewa|Ženeva|ジュネーブ|제네바|日内瓦
BSL MLH EAP|Basel|Bâle|Basilea|Bazel|Bazylea|バーゼル
BRN|Bern|Berne|Berna|Berno
~ZRH|Luzern|Lucerne|Lucerna|Winterthur|St. Gallen|Davos|Zermatt|Sankt Moritz|St. Moritz|Chur|Interlaken|*Zug
~GVA|Lausanne|Losanna|Lausana|Montreux|Verbier|Annecy|Chamonix
LUG|Lugano
LUX|Luxembourg|Luxemburg|Luxemburgo|Lussemburgo|Luksemburg|Lucemburk|ルクセンブルク
BRU CRL|Brussels|Brüssel|Bruxelles|Brussel|Bruselas|Bruxelas|Bruksela|Brukseli|Bryssel|Brusel|ブリュッセル|브뤼셀|布鲁塞尔
ANR|Antwerp|Antwerpen|Anvers|Amberes|Anversa
~BRU|Ghent|Gent|Gand|Bruges|Brugge|Brügge|Leuven|Louvain|Namur|Mons
LGG|Liège|Lüttich|Luik
AMS|Amsterdam|Ámsterdam|Amsterdão|Amsterdã|Amsterdamu|アムステルダム|암스테르담|阿姆斯特丹|أمستردام|אמסטרדם
RTM|Rotterdam|The Hague|Den Haag|La Haye|La Haya|L'Aia|Haia|Haga|Delft|Scheveningen
EIN|Eindhoven
MST|Maastricht
GRQ|Groningen
~AMS|Utrecht|Haarlem|Leiden|Nijmegen|Arnhem|Zwolle|Apeldoorn
LYS|Lyon|Lione|Lyonu|リヨン
MRS|Marseille|Marsella|Marsiglia|Marselha|Marsylia|マルセイユ
NCE|*Nice|Nizza|Niza|Nicea|Nice-Ville|Cannes|Antibes|Monaco|Mónaco|ニース
TLS|Toulouse|Tolosa|Tuluza
BOD|Bordeaux|Burdeos|ボルドー
NTE|Nantes
LIL|Lille|Lilla
SXB|Strasbourg|Straßburg|Strassburg|Estrasburgo|Strasburgo|Straatsburg|Strasburg|ストラスブール
MPL|Montpellier
RNS|Rennes
BES|*Brest
BIQ|Biarritz|Bayonne
GNB|Grenoble
DIJ|Dijon
~CDG|Reims|Versailles|Rouen|Orléans|Le Mans|Amiens
~TUF|*Tours|*Angers|Poitiers
LRH|La Rochelle
PGF|Perpignan
AJA|Ajaccio|Bastia
~MRS|Avignon|Aix-en-Provence|Nîmes|Arles
CFE|Clermont-Ferrand
ETZ|Metz|*Nancy
MAD|Madrid|Madri|Madryt|Madrytu|Madryd|マドリード|마드리드|马德里|مدريد|מדריד
BCN|Barcelona|Barcelone|Barcellona|Barcelonie|Barcelony|バルセロナ|바르셀로나|巴塞罗那|برشلونة|ברצלונה
VLC|Valencia|Valence|Valência|Walencja|Valenza
SVQ|Seville|Sevilla|Séville|Siviglia|Sevilha|Sewilla
AGP|Málaga|Malaga|Marbella
BIO|Bilbao
GRX|Granada|Grenade
ALC|Alicante|Benidorm
ZAZ|Zaragoza|Saragossa|Saragosse
SCQ|Santiago de Compostela
LCG|A Coruña|La Coruña
EAS|San Sebastián|San Sebastian|Donostia
OVD|Oviedo|Gijón
XRY|Jerez|Cádiz|Cadiz
~AGP|Córdoba
PMI|Palma|Palma de Mallorca
LIS|Lisbon|Lisboa|Lissabon|Lisbonne|Lisbona|Lizbona|Lizbony|Lizbonie|Lissaboni|Lisabon|Lisabonu|リスボン|리스본|里斯本
|لشبونة|ליסבון
OPO|*Porto|Oporto|Braga|ポルト
FAO|*Faro|Lagos Portugal|Albufeira
FNC|Funchal
~LIS|Coimbra|Cascais|Sintra|Évora
FCO CIA|Rome|Roma|Rom|Rzym|Rzymu|Rooma|Řím|ローマ|로마|罗马|روما|רומא
MXP LIN BGY|Milan|Milano|Mailand|Milán|Milaan|Milão|Mediolan|Mediolanu|ミラノ|밀라노|米兰
VCE TSF|Venice|Venezia|Venedig|Venise|Venecia|Venetië|Veneza|Wenecja|Wenecji|ヴェネツィア|ベネチア|베네치아|威尼斯
FLR|Florence|Firenze|Florenz|Florencia|Florença|Florencja|フィレンツェ
BLQ|Bologna|Bolonia|Bologne|Bolonha|ボローニャ
NAP|Naples|Napoli|Neapel|Nápoles|Napels|Neapol|ナポリ|Sorrento|Amalfi
TRN|Turin|Torino|Turín|Turijn|Turim|Turyn|トリノ
VRN|Verona|Vérone|Werona
GOA|Genoa|Genova|Genua|Gênes|Génova
PSA|Pisa|Pise|Lucca
BRI|*Bari
PMO|Palermo
CTA|Catania|Taormina|Siracusa
CAG|Cagliari
OLB|Olbia
TRS|Trieste|Triest|Udine
~VCE|Padua|Padova|Vicenza|Treviso
~MXP|*Como|Bergamo
BZO|Bolzano|Bozen|Meran|Merano
~FLR|Siena|Perugia|Rimini
BDS|Brindisi|Lecce
MLA|Valletta|La Valletta|*Malta
ATH|Athens|Athen|Athènes|Atenas|Atene|Athene|Ateny|Aten|アテネ|아테네|雅典|Αθήνα
SKG|Thessaloniki|Saloniki|Salónica|Salonicco
HER|Heraklion|Iraklio
JTR|Santorini|Santorin
LCA|Larnaca|Limassol|Nicosia
PFO|Paphos
DUB|Dublin|Dublín|Dublino|ダブリン|더블린|都柏林
ORK|*Cork
SNN|Limerick|Galway
BFS BHD|Belfast
EDI|Edinburgh|Edimburgo|Édimbourg|Edynburg|Edimburgh|エディンバラ
GLA PIK|Glasgow|グラスゴー
ABZ|Aberdeen
INV|Inverness
MAN|Manchester|マンチェスター
LPL|Liverpool|リバプール
BHX|Birmingham|Coventry
LBA|Leeds|Bradford|York
NCL|Newcastle|Newcastle upon Tyne|Durham
BRS|Bristol
CWL|Cardiff
EMA|Nottingham|*Derby|Leicester
SOU|Southampton|Portsmouth|Bournemouth
~LHR|Oxford|Windsor|*Reading|Brighton|Guildford
~STN|Cambridge|Norwich
EXT|Exeter|Plymouth|Cornwall
~BRS|*Bath
~MAN|Sheffield
JER|Jersey Island|Guernsey
CPH|Copenhagen|Kopenhagen|København|Kobenhavn|Copenhague|Copenaghen|Kopenhaga|Kopenhagi|Köpenhamn|Kööpenhamina|Kodaň
|コペンハーゲン|코펜하겐|哥本哈根
BLL|Billund|Aarhus|Århus|Odense
AAL|Aalborg|Ålborg
ARN BMA NYO|Stockholm|Estocolmo|Stoccolma|Sztokholm|Sztokholmu|Tukholma|ストックホルム|스톡홀름|斯德哥尔摩
GOT|Gothenburg|Göteborg|Goteborg|Gotemburgo|ヨーテボリ
MMX|Malmö|Malmo|Malmoe|Lund
~ARN|Uppsala|Västerås|Örebro|Linköping
UME|Umeå
LLA|Luleå|Kiruna
OSL TRF|Oslo|オスロ|오슬로|奥斯陆
BGO|*Bergen
TRD|Trondheim
SVG|Stavanger
TOS|Tromsø|Tromsö|Tromso
HEL|Helsinki|Helsingfors|Helsínquia|Helsinky|ヘルシンキ|헬싱키|赫尔辛基
~HEL|Espoo|Esbo|Vantaa
TMP|Tampere|Tammerfors|Tampereelle
TKU|Turku|Åbo|Turkuun
OUL|Oulu|Ouluun
RVN|Rovaniemi|Levi Lapland
KEF RKV|Reykjavik|Reykjavík|レイキャビク
TLL|Tallinn|Tallin|Tallinna|タリン|塔林
RIX|Riga|Ryga|リガ
VNO|Vilnius|Wilno|Wilna
KUN|Kaunas
WAW WMI|Warsaw|Warszawa|Warszawy|Warszawie|Warschau|Varsovie|Varsovia|Varsavia|Varsóvia|Varšava|ワルシャワ|바르샤바|华沙
KRK|Krakow|Kraków|Krakowa|Krakowie|Cracow|Krakau|Cracovie|Cracovia|Cracóvia|Krakov|クラクフ
GDN|Gdańsk|Gdansk|Gdańska|Gdańsku|Danzig|Dantzig|Sopot|Gdynia|Trójmiasto
WRO|Wrocław|Wroclaw|Wrocławia|Wrocławiu|Breslau
POZ|Poznań|Poznan|Poznania|Poznaniu|Posen
KTW|Katowice|Katowic|Katowicach|Kattowitz
~WAW|Łódź|Łodzi|Lublin|Toruń
SZZ|Szczecin|Stettin
RZE|Rzeszów|Zakopane
PRG|Prague|Prag|Praha|Prahy|Praze|Praga|Pragi|Pradze|Praag|プラハ|프라하|布拉格
BRQ|Brno|Brünn|Brna|Brně
OSR|Ostrava
~PRG|Plzeň|Pilsen|Karlovy Vary|Karlsbad
BTS|Bratislava|Pressburg|Bratysława
KSC|Košice
BUD|Budapest|Boedapest|Budapeste|Budapeszt|Budapesztu|Budapešť|ブダペスト|부다페스트|布达佩斯
LJU|Ljubljana|Laibach|Lublana|Bled
ZAG|Zagreb|Agram|Zagrzeb
SPU|*Split
DBV|Dubrovnik
~ZAG|Rijeka
PUY|*Pula|Rovinj
ZAD|Zadar
BEG|Belgrade|Belgrad|Belgrado|Beograd|Bělehrad|ベオグラード
SJJ|Sarajevo|Sarajewo
SKP|Skopje
TIA|Tirana
TGD|Podgorica
OTP BBU|Bucharest|Bukarest|București|Bucarest|Boekarest|Bucareste|Bukareszt|ブカレスト
CLJ|Cluj-Napoca|Cluj
TSR|Timișoara|Timisoara
IAS|Iași|Iasi
SOF|*Sofia|Sófia|Sofie|ソフィア
VAR|Varna
KBP IEV|Kyiv|Kiev|Kiew|Kijów|Kyjev|キーウ
LWO|Lviv|Lwów|Lemberg
ODS|Odesa|Odessa
RMO|Chisinau|Chișinău
SVO DME VKO|Moscow|Moskau|Moscou|Moscú|Mosca|Moskou|Moskwa|Moskva|モスクワ|모스크바|莫斯科
LED|Saint Petersburg|St. Petersburg|Sankt Petersburg|St Petersburg
IST SAW|Istanbul|İstanbul|Estambul|Istambul|Stambuł|イスタンブール|이스탄불|伊斯坦布尔|إسطنبول|איסטנבול
ESB|Ankara
AYT|Antalya
ADB|Izmir|İzmir
BJV|Bodrum
TBS|Tbilisi|Tiflis
EVN|Yerevan|Eriwan
GYD|Baku
TLV|Tel Aviv|Tel-Aviv|テルアビブ|תל אביב|تل أبيب
~TLV|Jerusalem|Jérusalem|ירושלים|Haifa
AMM|Amman
BEY|Beirut|Beyrouth|بيروت
DXB DWC|Dubai|Dubaï|Dubái|Dubaj|ドバイ|두바이|迪拜|دبي|דובאי
AUH|Abu Dhabi|Abou Dabi|أبو ظبي
DOH|Doha|ドーハ|الدوحة
RUH|Riyadh|Riad|Riyad|الرياض
JED|Jeddah|Dschidda|جدة
KWI|Kuwait City
BAH|Manama
MCT|Muscat|Maskat
IKA|Tehran|Teheran
CAI|Cairo|Kairo|Le Caire|El Cairo|Caïro|カイロ|القاهرة
HRG|Hurghada
SSH|Sharm el Sheikh|Sharm El-Sheikh
CMN|Casablanca
RAK|Marrakech|Marrakesch|Marrakesh|Marraquexe|Marrakesz|マラケシュ
RBA|Rabat
TNG|Tangier|Tanger
TUN|Tunis
ALG|Algiers|Algier
LOS|Lagos|Lagos Nigeria
ABV|Abuja
ACC|Accra
DSS|Dakar
ABJ|Abidjan
NBO|Nairobi|ナイロビ
ADD|Addis Ababa|Addis Abeba
KGL|Kigali
EBB|Kampala|Entebbe
DAR|Dar es Salaam
ZNZ|Zanzibar|Sansibar
JNB|Johannesburg|Joburg|Pretoria|ヨハネスブルグ
CPT|Cape Town|Kapstadt|Le Cap|Ciudad del Cabo|Kaapstad|Cidade do Cabo|Kapsztad|ケープタウン
~CPT|Stellenbosch
DUR|Durban
WDH|Windhoek
LUN|Lusaka
HRE|Harare
MRU|Port Louis
JFK LGA|New York|New York City|NYC|Nueva York|Nova York|Nova Iorque|Nowy Jork|Nowego Jorku|Manhattan|Brooklyn NY
|ニューヨーク|뉴욕|纽约|紐約|نيويورك|ניו יורק
EWR|Newark|Jersey City|Hoboken
PCT|Princeton
BOS|Boston|ボストン|보스턴|波士顿
~BOS|Cambridge MA
PVD|Providence
BDL|Hartford
PHL|Philadelphia|Philly|フィラデルフィア
PIT|Pittsburgh
BWI|Baltimore
DCA IAD|Washington DC|Washington D.C.|Washington|Arlington|ワシントン
RIC|Richmond
RDU|Raleigh|*Durham NC|Chapel Hill
CLT|*Charlotte
ATL|Atlanta|アトランタ
MIA|Miami|Miami Beach|Maiami|マイアミ
FLL|Fort Lauderdale
MCO|Orlando|オーランド
TPA|Tampa
JAX|Jacksonville
PBI|West Palm Beach|Palm Beach
SAV|*Savannah
CHS|Charleston
MSY|New Orleans|Nueva Orleans|La Nouvelle-Orléans|ニューオーリンズ
BNA|Nashville|ナッシュビル
MEM|Memphis
SDF|Louisville
CVG|Cincinnati
CLE|Cleveland
CMH|Columbus
DTW|Detroit|Ann Arbor
GRR|Grand Rapids
IND|Indianapolis
ORD MDW|Chicago|シカゴ|시카고|芝加哥
MKE|Milwaukee
MSN|*Madison
MSP|Minneapolis|Saint Paul|St. Paul
DSM|Des Moines
OMA|Omaha
MCI|Kansas City
STL|St. Louis|St Louis|Saint Louis
OKC|Oklahoma City
TUL|Tulsa
DFW DAL|Dallas|Fort Worth|Dallas-Fort Worth|ダラス
AUS|*Austin|Austin TX|オースティン
HOU IAH|Houston|ヒューストン
SAT|San Antonio
ELP|El Paso
DEN|Denver|Boulder|デンバー
~DEN|Aspen|Vail|Breckenridge
SLC|Salt Lake City|Park City
PHX|Phoenix|Scottsdale|Tempe|フェニックス
TUS|Tucson
ABQ|Albuquerque|Santa Fe
LAS|Las Vegas|Vegas|ラスベガス|라스베이거스|拉斯维加斯
RNO|Reno|Lake Tahoe|Tahoe
BOI|Boise
SEA|Seattle|Bellevue|Redmond|シアトル|시애틀|西雅图
PDX|*Portland|Portland OR
SFO|San Francisco|*SF|SF Bay Area|Bay Area|South San Francisco|サンフランシスコ|샌프란시스코|旧金山|سان فرانسيسكو
OAK|Oakland|Berkeley
SJC|San Jose|San José CA|Palo Alto|Mountain View|Menlo Park|Sunnyvale|Cupertino|Silicon Valley
SMF|Sacramento
~SFO|Napa
LAX|Los Angeles|Santa Monica|Pasadena|ロサンゼルス|로스앤젤레스|洛杉矶
SNA|Anaheim|Irvine|Orange County
~LAX|Malibu|Long Beach
PSP|Palm Springs
SBA|Santa Barbara
SAN|San Diego|サンディエゴ
ANC|Anchorage
HNL|Honolulu|Waikiki|ホノルル
OGG|Maui|Kahului
DAY|Dayton
BUF|Buffalo NY|Niagara Falls
ROC|Rochester NY
YYZ YTZ|Toronto|トロント|토론토|多伦多
YUL|Montreal|Montréal|モントリオール
YVR|Vancouver|バンクーバー|밴쿠버|温哥华
YYC|Calgary|Banff
YEG|Edmonton
YOW|Ottawa
YQB|Quebec City|Québec
YHZ|*Halifax
YWG|Winnipeg
MEX NLU|Mexico City|Ciudad de México|CDMX|Mexiko-Stadt|Cidade do México|メキシコシティ
CUN|Cancun|Cancún|Playa del Carmen|Tulum|カンクン
GDL|Guadalajara
MTY|Monterrey
SJD|Los Cabos|Cabo San Lucas
PVR|Puerto Vallarta
HAV|Havana|Havanna|La Habana|La Havane
SJO|San José Costa Rica
PTY|Panama City
GUA|Guatemala City
SDQ|Santo Domingo
PUJ|Punta Cana
SJU|San Juan
NAS|Nassau
MBJ|Montego Bay
BOG|Bogota|Bogotá|ボゴタ
MDE|Medellín|Medellin
CTG|Cartagena
UIO|Quito
GYE|Guayaquil
LIM|*Lima|リマ
CUZ|Cusco|Cuzco
LPB|La Paz
SCL|*Santiago|Santiago de Chile
EZE AEP|Buenos Aires|ブエノスアイレス
MVD|Montevideo
ASU|Asunción
GRU CGH VCP|São Paulo|Sao Paulo|San Pablo|サンパウロ
GIG SDU|Rio de Janeiro|*Rio|リオデジャネイロ
BSB|Brasília|Brasilia
CNF|Belo Horizonte
POA|Porto Alegre
SSA|Salvador Bahia
REC|Recife
FOR|Fortaleza
FLN|Florianópolis|Florianopolis
CWB|Curitiba
HND NRT|Tokyo|Tokio|Tóquio|Tokia|東京|도쿄|东京|طوكيو|טוקיו|Tōkyō|羽田|成田|羽田空港|成田空港
~HND|Yokohama|横浜|新横浜|品川|上野|Hakone|箱根|Kamakura|鎌倉|Nikko|日光|千葉|埼玉|Karuizawa|軽井沢
KIX ITM|Osaka|Ōsaka|大阪|新大阪|오사카|伊丹|関空|関西空港|Kobe|神戸
~ITM|Kyoto|Kyōto|京都|교토|Kioto|Quioto|Nara|奈良
NGO|Nagoya|名古屋
CTS|Sapporo|札幌|삿포로|新千歳|千歳|Niseko|ニセコ
FUK|Fukuoka|福岡|博多
HIJ|Hiroshima|広島
SDJ|Sendai|仙台
OKA|Okinawa|沖縄|Naha|那覇
KMQ|Kanazawa|金沢
ICN GMP|Seoul|Séoul|Seúl|Seul|Soul|ソウル|서울|首尔|首爾|김포
PUS|Busan|부산|釜山
CJU|Jeju|제주|제주도
~ICN|Incheon|인천|Daejeon|대전|Suwon|수원
PEK PKX|Beijing|Peking|Pékin|Pekín|Pechino|Pequim|Pekin|北京|베이징|首都机场|大兴机场
PVG SHA|Shanghai|Schanghai|Xangai|Szanghaj|上海|상하이|虹桥|浦东
SZX|Shenzhen|深圳
CAN|Guangzhou|广州|廣州
HGH|Hangzhou|杭州
CTU|Chengdu|成都
XIY|Xi'an|西安
NKG|Nanjing|南京
WUH|Wuhan|武汉
CKG|Chongqing|重庆
XMN|Xiamen|厦门
HKG|Hong Kong|Hongkong|香港|홍콩
MFM|Macau|Macao|澳门
TPE TSA|Taipei|Taipeh|台北|臺北|타이베이
KHH|Kaohsiung|高雄
SIN|Singapore|Singapur|Singapour|Singapura|シンガポール|싱가포르|新加坡|سنغافورة
BKK DMK|Bangkok|Banguecoque|バンコク|방콕|曼谷
HKT|Phuket|プーケット|普吉
CNX|Chiang Mai
USM|Koh Samui|Ko Samui
KUL|Kuala Lumpur|クアラルンプール|吉隆坡
PEN|Penang
CGK|Jakarta|ジャカルタ|雅加达
MNL|Manila|Manille|マニラ
CEB|Cebu|セブ
SGN|Ho Chi Minh City|Saigon|ホーチミン
HAN|Hanoi|ハノイ
DAD|Da Nang|다낭
KTI|Phnom Penh
SAI|Siem Reap
RGN|Yangon
DEL|Delhi|New Delhi|Neu-Delhi|Nouvelle-Delhi|デリー|新德里
BOM|Mumbai|Bombay|ムンバイ|孟买
BLR|Bangalore|Bengaluru|バンガロール
HYD|Hyderabad
MAA|Chennai|Madras
CCU|Kolkata|Calcutta|Kalkutta
PNQ|Pune
AMD|Ahmedabad
~DEL|Gurgaon|Gurugram|Noida|Agra
JAI|Jaipur
CMB|Colombo
KTM|Kathmandu|Katmandu
DAC|Dhaka
KHI|Karachi
LHE|Lahore
ISB|Islamabad
MLE|Malé
ALA|Almaty
TAS|Tashkent
ULN|Ulaanbaatar|Ulan Bator
SYD|*Sydney|シドニー|시드니|悉尼
MEL|Melbourne|メルボルン|멜버른|墨尔本
BNE|Brisbane|ブリスベン
PER|*Perth
ADL|*Adelaide
CBR|Canberra
OOL|Gold Coast
CNS|Cairns
HBA|Hobart
AKL|Auckland|オークランド
WLG|*Wellington
CHC|Christchurch
ZQN|Queenstown
~LHR|*Dover|Folkestone
~LIL|Calais|Dunkirk|Dunkerque
~MMX|Trelleborg|Ystad
~INN|St. Anton|Sankt Anton|St. Anton am Arlberg|Sölden|Ischgl|Kitzbühel|Mayrhofen
~GVA|Val d'Isère|Val Thorens|Tignes|Méribel|Courchevel|Les Arcs|Megève|Morzine
NAN|Nadi
PPT|Papeete
"""

REGIONS = """
PMI|Mallorca|Majorca|Majorque|Maiorca|Majorka|Malle
IBZ|Ibiza
MAH|Menorca|Minorca
TFS|Tenerife|Teneriffa|Ténérife
LPA|Gran Canaria|Canary Islands|Kanaren|Kanarische Inseln|Islas Canarias|Canarie|Canaries|Wyspy Kanaryjskie|Kanarieöarna
ACE|Lanzarote
FUE|Fuerteventura
SPC|La Palma
FNC|Madeira|Madera|Madère
PDL|Azores|Azoren|Açores|Azzorre
FAO|Algarve
AGP|Andalusia|Andalusien|Andalucía|Andalousie|Costa del Sol
BCN|Catalonia|Katalonien|Cataluña|Costa Brava
ALC|Costa Blanca
AJA|Corsica|Korsika|Corse|Córcega
OLB|Sardinia|Sardinien|Sardegna|Sardaigne|Cerdeña|Sardynia
CTA|Sicily|Sizilien|Sicilia|Sicile|Sycylia
FLR|Tuscany|Toskana|Toscana|Toscane|Toskania
NAP|Amalfi Coast|Costiera Amalfitana
BRI|Puglia|Apulien|Pouilles
VRN|Lake Garda|Gardasee|Lago di Garda|Lac de Garde|Gardameer
LUG|Ticino|Tessin
BZO|South Tyrol|Südtirol|Alto Adige|Dolomites|Dolomiten|Dolomiti
INN|Tyrol|Tirol|Zillertal|Ötztal|Stubaital|Arlberg
GVA|Alps|Alpen|Alpes|Alpi|Alpy
ZRH|Engadin|Graubünden
MUC|Bavaria|Bayern|Allgäu|Chiemsee|Bayerischer Wald
FDH|Bodensee|Lake Constance
STR|Black Forest|Schwarzwald
RLG|Ostsee|Baltic Sea|Rügen|Usedom|Mecklenburg|Fischland
HAM|Nordsee|North Sea|Sylt|Norderney|Amrum|Föhr|Schleswig-Holstein
HAJ|Harz|Lüneburger Heide
LEJ|Saxony
BER|Spreewald|Uckermark
VBY|*Gotland
OVD|Asturias|Asturien|Asturies
LYS|Ardèche
SZG|Salzkammergut
MRS|Provence|Provenza
NCE|Côte d'Azur|French Riviera
BES|Brittany|Bretagne|Bretaña
DOL|Normandy|Normandie|Normandía
SXB|Alsace|Elsass
BOD|Dordogne
EXT|Devon
INV|Scottish Highlands|Isle of Skye
MAN|Lake District
EDI|Scotland|Schottland|Écosse|Escocia|Scozia|Schotland|Escócia|Szkocja|Skottland
CWL|Wales
LHR|England|Angleterre|Inghilterra|Inglaterra|Anglia
HER|Crete|Kreta|Creta|Crète
RHO|Rhodes|Rhodos|Rodas
CFU|Corfu|Korfu|Corfou
KGS|Kos
ZTH|Zakynthos|Zante
JMK|Mykonos
JTR|Cyclades|Kykladen
SPU|Dalmatia|Dalmatien
PUY|Istria|Istrien|Istrie
KRK|Tatry|Tatra
GDN|Mazury|Masuren
RVN|Lapland|Lappland|Laponie|Lappi
AYT|Cappadocia|Kappadokien
BGO|Lofoten|Fjords
HNL|Hawaii|Hawaï|Hawái|Havaí|Hawaje|ハワイ|하와이|夏威夷|Oahu|Kauai
LAX|Southern California|SoCal
SFO|California|Kalifornien|Californie|Kalifornia|Yosemite|カリフォルニア
MCO|Florida|Floride|フロリダ|Disney World
DFW|Texas
BOS|New England|Cape Cod
DEN|Colorado
PHX|Grand Canyon
CUN|Yucatán|Yucatan|Riviera Maya
SJD|Baja California
DPS|Bali|バリ|バリ島|발리|巴厘岛|Ubud|Denpasar
HKT|Krabi
GOI|*Goa
CTS|Hokkaido|北海道|홋카이도
OKA|Ishigaki|石垣島|宮古島
JNB|Kruger
MEL|Tasmania
SEZ|Seychelles|Seychellen
MRU|Mauritius|Maurice|モーリシャス
RUN|La Réunion|Réunion
MLE|Maldives|Malediven|Maldivas|Malediwy|モルディブ|몰디브|马尔代夫
PPT|Tahiti|Bora Bora
GUM|Guam|グアム|괌
PTP|Guadeloupe
FDF|Martinique
BGI|Barbados
AUA|Aruba
CUR|Curaçao|Curacao
"""

COUNTRIES = """
DE|Europe/Berlin|Germany|Deutschland|Allemagne|Alemania|Germania|Duitsland|Alemanha|Tyskland|Niemcy|Niemiec|Saksa|Německo
|ドイツ|독일|德国
AT|Europe/Vienna|Austria|Österreich|Autriche|Oostenrijk|Áustria|Österrike|Østrig|Østerrike|Itävalta|Rakousko|オーストリア
|오스트리아|奥地利
CH|Europe/Zurich|Switzerland|Schweiz|Suisse|Suiza|Svizzera|Zwitserland|Suíça|Szwajcaria|Szwajcarii|Sveits|Sveitsi|Švýcarsko
|スイス|스위스|瑞士
FR|Europe/Paris|France|Frankreich|Francia|Frankrijk|França|Frankrike|Francja|Francji|Frankrig|Ranska|Francie|フランス|프랑스
|法国
IT|Europe/Rome|Italy|Italien|Italie|Italia|Italië|Itália|Włochy|Włoch|Itálie|イタリア|이탈리아|意大利
ES|Europe/Madrid|Spain|Spanien|Espagne|España|Spagna|Spanje|Espanha|Hiszpania|Hiszpanii|Spania|Espanja|Španělsko|スペイン|스페인
|西班牙
PT|Europe/Lisbon|Portugal|Portogallo|Portugalia|Portugalii|Portugali|Portugalsko|ポルトガル|포르투갈|葡萄牙
NL|Europe/Amsterdam|Netherlands|The Netherlands|Niederlande|Holland|Pays-Bas|Países Bajos|Paesi Bassi|Nederland
|Países Baixos|Holanda|Holandia|Nederländerna|Alankomaat|Nizozemsko|オランダ|네덜란드|荷兰
BE|Europe/Brussels|Belgium|Belgien|Belgique|Bélgica|Belgio|België|Belgia|ベルギー|벨기에|比利时
LU|Europe/Luxembourg|Grand Duchy of Luxembourg
GB|Europe/London|United Kingdom|UK|Great Britain|Großbritannien|Royaume-Uni|Reino Unido|Regno Unito|Verenigd Koninkrijk
|Storbritannien|Wielka Brytania|イギリス|英国|영국
IE|Europe/Dublin|Ireland|Irland|Irlande|Irlanda|Ierland|Irlandia|Irlanti|Irsko|アイルランド|爱尔兰
DK|Europe/Copenhagen|Denmark|Dänemark|Danemark|Dinamarca|Danimarca|Denemarken|Danmark|Dania|Danii|Tanska|Dánsko|デンマーク
|덴마크|丹麦
SE|Europe/Stockholm|Sweden|Schweden|Suède|Suecia|Svezia|Zweden|Suécia|Sverige|Szwecja|Ruotsi|Švédsko|スウェーデン|스웨덴|瑞典
NO|Europe/Oslo|Norway|Norwegen|Norvège|Noruega|Norvegia|Noorwegen|Norge|Norwegia|Norja|Norsko|ノルウェー|노르웨이|挪威
FI|Europe/Helsinki|Finland|Finnland|Finlande|Finlandia|Suomi|Finsko|フィンランド|핀란드|芬兰
IS|Atlantic/Reykjavik|Iceland|Island|Islande|Islandia|Islanda|IJsland|Islândia|アイスランド|아이슬란드|冰岛
PL|Europe/Warsaw|Poland|Polen|Pologne|Polonia|Polônia|Polska|Polsce|Puola|Polsko|ポーランド|폴란드|波兰
CZ|Europe/Prague|Czech Republic|Czechia|Tschechien|République tchèque|Chequia|Cechia|Tsjechië|Czechy|Tjeckien|Česko|チェコ
|체코
SK|Europe/Bratislava|Slovakia|Slowakei|Slovaquie|Eslovaquia|Slovensko
HU|Europe/Budapest|Hungary|Ungarn|Hongrie|Hungría|Ungheria|Hongarije|Hungria|Węgry|Ungern|Unkari|Maďarsko|ハンガリー
SI|Europe/Ljubljana|Slovenia|Slowenien|Slovénie|Eslovenia|Slovenië|Słowenia
HR|Europe/Zagreb|Croatia|Kroatien|Croatie|Croacia|Croazia|Kroatië|Croácia|Chorwacja|Chorwacji|Kroatia|Chorvatsko|クロアチア
|크로아티아|克罗地亚
RS|Europe/Belgrade|Serbia|Serbien|Serbie
BA|Europe/Sarajevo|Bosnia|Bosnien
ME|Europe/Podgorica|Montenegro|Monténégro|Czarnogóra
AL|Europe/Tirane|Albania|Albanien|Albanie
MK|Europe/Skopje|North Macedonia|Nordmazedonien
RO|Europe/Bucharest|Romania|Rumänien|Roumanie|Rumania|Roemenië|Romênia|Rumunia
BG|Europe/Sofia|Bulgaria|Bulgarien|Bulgarie|Bułgaria|Bułgarii|Bulgarije
GR|Europe/Athens|Greece|Griechenland|Grèce|Grecia|Griekenland|Grécia|Grecja|Grecji|Grekland|Grækenland|Hellas|Kreikka|Řecko
|ギリシャ|그리스|希腊
CY|Asia/Nicosia|Cyprus|Zypern|Chypre|Chipre|Cipro|Cypr|Cypern
MT|Europe/Malta|Malta|Malte|マルタ
TR|Europe/Istanbul|*Turkey|Türkei|Turquie|Turquía|Turchia|Turkije|Turquia|Turcja|Turcji|Turkiet|Türkiye|Tyrkiet|Turkki
|Turecko|トルコ|터키|土耳其
UA|Europe/Kyiv|Ukraine|Ukraina|Ucrania|Ucraina|Oekraïne|Ucrânia|ウクライナ
EE|Europe/Tallinn|Estonia|Estland|Estonie|Viro|エストニア
LV|Europe/Riga|Latvia|Lettland|Lettonie|Letonia|Łotwa
LT|Europe/Vilnius|Lithuania|Litauen|Lituanie|Lituania|Litwa
RU|Europe/Moscow|Russia|Russland|Russie|Rusia|Rusland|Rússia|Rosja|Ryssland
GE|Asia/Tbilisi|*Georgia|Georgien|Géorgie|Gruzja
AM|Asia/Yerevan|Armenia|Armenien|Arménie
IL|Asia/Jerusalem|Israel|Israël|Israele|Izrael|イスラエル|ישראל
JO|Asia/Amman|*Jordan|Jordanien|Jordanie|Jordania
AE|Asia/Dubai|United Arab Emirates|UAE|Vereinigte Arabische Emirate|Émirats arabes unis
QA|Asia/Qatar|Qatar|Katar
SA|Asia/Riyadh|Saudi Arabia|Saudi-Arabien|Arabie saoudite
OM|Asia/Muscat|Oman
EG|Africa/Cairo|Egypt|Ägypten|Égypte|Egipto|Egitto|Egypte|Egito|Egipt|Egiptu|Egypten|Egypti|エジプト|مصر
MA|Africa/Casablanca|Morocco|Marokko|Maroc|Marruecos|Marocco|Marrocos|Maroko|Marocko|モロッコ
TN|Africa/Tunis|Tunisia|Tunesien|Tunisie|Túnez
KE|Africa/Nairobi|Kenya|Kenia|Quênia
TZ|Africa/Dar_es_Salaam|Tanzania|Tansania|Tanzanie
ZA|Africa/Johannesburg|South Africa|Südafrika|Afrique du Sud|Sudáfrica|Sudafrica|Zuid-Afrika|África do Sul|Sydafrika|RPA
|南アフリカ
NA|Africa/Windhoek|Namibia|Namibie
NG|Africa/Lagos|Nigeria
GH|Africa/Accra|Ghana
SN|Africa/Dakar|Sénégal|Senegal
RW|Africa/Kigali|Rwanda|Ruanda
ET|Africa/Addis_Ababa|Ethiopia|Äthiopien
UG|Africa/Kampala|Uganda
CV|Atlantic/Cape_Verde|Cape Verde|Kapverden|Cabo Verde|Cap-Vert
US|America/New_York|United States|United States of America|USA|U.S.A.|Vereinigte Staaten|États-Unis|Etats-Unis
|Estados Unidos|Stati Uniti|Verenigde Staten|EUA|EE.UU.|Stany Zjednoczone|アメリカ|미국|美国
CA|America/Toronto|Canada|Kanada|Canadá|カナダ|캐나다|加拿大
MX|America/Mexico_City|Mexico|Mexiko|Mexique|México|Messico|Meksyk|メキシコ|멕시코|墨西哥
CU|America/Havana|Cuba|Kuba
CR|America/Costa_Rica|Costa Rica
PA|America/Panama|Panama|Panamá
DO|America/Santo_Domingo|Dominican Republic|Dominikanische Republik|República Dominicana|Dominikana
JM|America/Jamaica|Jamaica|Jamaika
CO|America/Bogota|Colombia|Kolumbien|Colombie|Kolumbia
PE|America/Lima|Peru|Perú|Pérou
EC|America/Guayaquil|Ecuador|Équateur
CL|America/Santiago|Chile|Chili|Cile
AR|America/Argentina/Buenos_Aires|Argentina|Argentinien|Argentine|Argentyna
UY|America/Montevideo|Uruguay
BR|America/Sao_Paulo|Brazil|Brasilien|Brésil|Brasil|Brasile|Brazilië|Brazylia|Brazílie|ブラジル|브라질|巴西
BO|America/La_Paz|Bolivia|Bolivien
JP|Asia/Tokyo|Japan|Japon|Japón|Giappone|Japão|Japonia|Japonii|Japani|Japonsko|日本|일본
KR|Asia/Seoul|South Korea|Korea|Südkorea|Corée du Sud|Corea del Sur|Corea|Coreia do Sul|韓国|한국|韩国
CN|Asia/Shanghai|*China|Chine|Cina|Chiny|Kina|中国|중국
TW|Asia/Taipei|Taiwan|Taïwan|Taiwán|台湾|台灣|대만
TH|Asia/Bangkok|Thailand|Thaïlande|Tailandia|Thailandia|Tailândia|Tajlandia|Tajlandii|Thaimaa|Thajsko|タイ|태국|泰国
VN|Asia/Ho_Chi_Minh|Vietnam|Viêt Nam|Wietnam|Vietnã|ベトナム|베트남|越南
KH|Asia/Phnom_Penh|Cambodia|Kambodscha|Cambodge|Camboya
ID|Asia/Jakarta|Indonesia|Indonesien|Indonésie|Indonezja|インドネシア
MY|Asia/Kuala_Lumpur|Malaysia|Malaisie|Malasia|マレーシア
PH|Asia/Manila|Philippines|Philippinen|Filipinas|Filippine|Filipiny|フィリピン|필리핀
IN|Asia/Kolkata|India|Indien|Inde|Índia|Indie|インド|인도|印度
LK|Asia/Colombo|Sri Lanka
NP|Asia/Kathmandu|Nepal|Népal
PK|Asia/Karachi|Pakistan
AU|Australia/Sydney|Australia|Australien|Australie|Australië|Austrália|オーストラリア|호주|澳大利亚
NZ|Pacific/Auckland|New Zealand|Neuseeland|Nouvelle-Zélande|Nueva Zelanda|Nuova Zelanda|Nieuw-Zeeland|Nova Zelândia
|Nowa Zelandia|ニュージーランド|新西兰
FJ|Pacific/Fiji|Fiji|Fidji
SC|Indian/Mahe|Republic of Seychelles
MU|Indian/Mauritius|Republic of Mauritius
"""

# Countries of one zone only may lend it to a town we do not know; these may not.
MANY_ZONES = frozenset(re.findall(r"[A-Z]{2}", "US CA MX BR RU AU ID CL ES PT EC KZ MN CD GL KI FM PG NZ FR"))
# Spain, Portugal, France and New Zealand: an address without an island's name is on the mainland.
MAINLAND = frozenset(("ES", "PT", "FR", "NZ", "EC", "CL"))

STATES = """
US|AL America/Chicago Alabama|AK America/Anchorage Alaska|AZ America/Phoenix Arizona|AR America/Chicago Arkansas
|CA America/Los_Angeles California|CO America/Denver Colorado|CT America/New_York Connecticut|DE America/New_York Delaware
|DC America/New_York District of Columbia|FL America/New_York Florida|GA America/New_York Georgia|HI Pacific/Honolulu Hawaii
|ID America/Boise Idaho|IL America/Chicago Illinois|IN America/Indiana/Indianapolis Indiana|IA America/Chicago Iowa
|KS America/Chicago Kansas|KY America/New_York Kentucky|LA America/Chicago Louisiana|ME America/New_York Maine
|MD America/New_York Maryland|MA America/New_York Massachusetts|MI America/Detroit Michigan|MN America/Chicago Minnesota
|MS America/Chicago Mississippi|MO America/Chicago Missouri|MT America/Denver Montana|NE America/Chicago Nebraska
|NV America/Los_Angeles Nevada|NH America/New_York New Hampshire|NJ America/New_York New Jersey|NM America/Denver New Mexico
|NY America/New_York New York|NC America/New_York North Carolina|ND America/Chicago North Dakota|OH America/New_York Ohio
|OK America/Chicago Oklahoma|OR America/Los_Angeles Oregon|PA America/New_York Pennsylvania|RI America/New_York Rhode Island
|SC America/New_York South Carolina|SD America/Chicago South Dakota|TN America/Chicago Tennessee|TX America/Chicago Texas
|UT America/Denver Utah|VT America/New_York Vermont|VA America/New_York Virginia|WA America/Los_Angeles Washington
|WV America/New_York West Virginia|WI America/Chicago Wisconsin|WY America/Denver Wyoming|PR America/Puerto_Rico Puerto Rico
CA|ON America/Toronto Ontario|QC America/Toronto Quebec|BC America/Vancouver British Columbia|AB America/Edmonton Alberta
|MB America/Winnipeg Manitoba|SK America/Regina Saskatchewan|NS America/Halifax Nova Scotia|NB America/Moncton New Brunswick
|NL America/St_Johns Newfoundland and Labrador|PE America/Halifax Prince Edward Island
AU|NSW Australia/Sydney New South Wales|VIC Australia/Melbourne Victoria|QLD Australia/Brisbane Queensland
|SA Australia/Adelaide South Australia|TAS Australia/Hobart Tasmania|ACT Australia/Sydney Australian Capital Territory
|NT Australia/Darwin Northern Territory
BR|SP America/Sao_Paulo São Paulo|RJ America/Sao_Paulo Rio de Janeiro|MG America/Sao_Paulo Minas Gerais
|DF America/Sao_Paulo Distrito Federal|RS America/Sao_Paulo Rio Grande do Sul|PR America/Sao_Paulo Paraná
|BA America/Bahia Bahia
"""

# Airports that are closed, and stations with an IATA rail code: the city they belong to.
OTHER_CODES = """
SXF Berlin|THF Berlin|ZMB Hamburg|QKL Cologne|ZWS Stuttgart|ZMU Munich|ZPY Cologne|QDU Düsseldorf|ZDH Basel|XDB Lille
|XPG Paris|PLY Paris|XHP Paris|QQS London|QQK London|ZYR Brussels|ZYA Amsterdam|ZXE Edinburgh|ZGG Glasgow|ZEP London
|XEV Stockholm|XZM Macau|ZBB Berlin|NYC New York|NYP New York|LON London|PAR Paris|ROM Rome|MIL Milan|TYO Tokyo|OSA Osaka
|SEL Seoul|BUE Buenos Aires|SAO São Paulo|RIO Rio de Janeiro|STO Stockholm|MOW Moscow|CHI Chicago|WAS Washington|YTO Toronto
|YMQ Montreal|BJS Beijing
"""


# Stations that people name without their city.
STATIONS = """
Paris|Gare de Lyon|Gare du Nord|Gare de l'Est|Gare Montparnasse|Gare Saint-Lazare|Gare d'Austerlitz|Gare de Bercy
London|King's Cross|Kings Cross|St Pancras|St. Pancras|St Pancras International|Euston|Paddington|London Waterloo|Marylebone
New York|Penn Station|New York Penn Station|Moynihan Train Hall|Grand Central
Washington|Union Station Washington
Philadelphia|30th Street Station
Boston|South Station|Back Bay
Madrid|Atocha|Puerta de Atocha|Madrid Puerta de Atocha|Madrid-Puerta de Atocha
|Chamartín|Madrid Chamartín|Madrid Chamartín Clara Campoamor
Barcelona|Sants|Barcelona-Sants
Rome|Termini|Tiburtina
Milan|Porta Garibaldi
Lisbon|Santa Apolónia
Porto|Campanhã
Prague|Praha Florenc|Prague Florenc|Florenc|Praha hl. n.
Budapest|Keleti
Berlin|Südkreuz|Gesundbrunnen|Ostbahnhof
Brussels|Bruxelles-Midi|Brussel-Zuid
Marseille|Saint-Charles
Lyon|Part-Dieu
"""


def lines_of(table: str) -> Iterator[list[str]]:
    """The lines of a table, cut at `|`."""
    for line in table.strip().replace("\n|", "|").splitlines():
        yield line.split("|")
