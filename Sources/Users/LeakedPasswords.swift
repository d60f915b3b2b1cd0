/// The passwords of 8 characters or more among the 10,000 most common ones.
///
/// From the frequency list of zxcvbn (docs/NOTICE.md, MIT licence), in lower case, sorted, each
/// behind a digit of base 36 that says how many characters it shares with the one before.
enum LeakedPasswords {
    /// - Parameter folded: in lower case.
    static func contain(_ folded: String) -> Bool {
        let wanted = Array(folded.utf8)
        var current: [UInt8] = []
        for entry in coded.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x0a }) {
            guard let first = entry.first else { continue }
            let digit = first < UInt8(ascii: "a") ? first - 0x30 : first - 0x61 + 10
            current.removeLast(current.count - Int(digit))
            current.append(contentsOf: entry.dropFirst())
            if current == wanted { return true }
        }
        return false
    }

    private static let coded = #"""
        0!qaz2wsx 0%%passwo 00.0.0.000 1000000000o 11011900 610 650 660 71 670 71 72 73 74 75 76
        77 78 79 680 71 72 73 74 75 76 77 78 79 690 71 72 73 74 75 79 42000 71 610 71 320304 805
        41990 331985 78 79 341985 78 361986 690 371986 381989 391987 79 2121986 78 2478520
        292837465 12011971 75 680 71 72 73 74 75 76 77 78 79 321971 73 76 79 681 72 73 74 75 76 77
        78 79 690 331970 73 74 75 77 78 79 680 71 72 74 75 76 77 78 79 341972 73 74 75 76 77 78 79
        680 71 72 73 74 75 76 77 78 79 351970 72 73 75 76 77 78 680 71 72 73 74 75 76 77 78 79
        361971 72 74 76 77 680 72 73 74 75 76 77 78 79 371971 75 76 78 79 680 71 72 73 74 76 77 78
        79 381970 73 74 76 77 680 72 73 74 75 76 77 78 79 391971 73 75 76 77 680 71 73 74 75 76 77
        79 2101973 76 77 79 681 73 74 75 76 77 78 79 13031986 341986 691 382006 14041988 691
        15051985 77 79 16061986 23dyjuy 17071977 687 391990 18031985 76 351990 381988 2121986
        25tzzqi 19051945 287654321q 1o9i8u7y 010011986 690 3200300 331988 351987 371987 2101986
        690 2203040 850 393847 856 11001001 351987 690 361985 381989 2111111 42222 4qqqq 321986
        42233 83 2223344 855 a66 335813 821 12011987 321988 331985 77 351988 2121985 690 331415
        816 2312312 32323q 3321123 6456 6qwe 340987 44321 4509876 5123 5432 81 554321 5612 83
        654321 6654321 677 78 89 90 a0 aa aq az 91 a0 a23 99 a87654321 9a abc 9d 9k 9l 9m 9n 9o 9p
        9q awe crty 9r 9s 9v 9z 8a 8q 79 7a 8a 7q 7u 687 6987 6aa 7b 8c 7s 8d 6qq 8q 7w 8e 9rty
        6ru 5abc 6sd 5qaz 6we 8r 9t ay 48765 49876 4abcd 5sdf 4kekc 4qwer 4rewq 4zxcv 3581321
        365478 89 49874 81 85 3789456 3hfjdk147 3masha 4udar 3qq123 4we123 6456 6as 8d 9zxc 6rt 8y
        2locked 2qw12qw 434er 4aszx 4erty 2s3t4p55 13021990 331987 341987 78 361986 2121985
        2243546 45768 24679852 2572468 46479 4908642 52468 90 58642 14021985 76 361991 2111986
        2725836 89 385236 89 49632 81 85 2881488 15011987 321985 351981 690 2101986 3nxjmt 2426378
        29753123 6456 16051987 79 2121987 17011987 351988 361988 2171717aa 18011987 361990 391985
        2121812 2273645 2436572 19061987 2101987 2283746 85 2411945 1a2a3a4a 85a 3b3c4d 85e 3s3d4f
        85g 2sshole 1basebal 1footbal 1hxboqg2 1jennife 1letmein 1michael 3llion 2ustang 1passwor
        8d 1q2q3q4q 3w3e4r 85 9t a6y 2a2ws3ed 3z!qaz 42wsx 83edc c4rfv 4xsw2 83edc 4zaq1 2w23er4
        1x2zkg8w 1z2x3c4v 85b 020031987 351988 361988 391988 691 2111986 2spanks 11011989 331987
        78 690 351988 691 2101986 12011988 321986 79 331984 341987 78 361941 371986 2334455
        2446688 13021986 341987 2176djivanfros 2skidoo 14011985 361986 2111989 2681012 53579
        15031987 341988 381988 391987 2121987 2800852 42580 16031988 361987 17061988 2731828
        18011987 321990 72 341987 19011985 351989 371983 1wsx3edc 4zaq1 030031988 341986 351985
        11011987 2415926 12165498 87 4732167 133666999 2rjhjds 14523452 169258147 3852147 1edc4rfv
        1rjs1la7qe 043046721 14332211 2magnum 15m2do5bs 18151623 842 1rfv3edc 050spanks 15bgates
        1hsu75kpot 1tgb6yhn 1wr2i7h8 066613666 17camaro 18camaro 19213124 2camaro 073501505
        14108520 323698 458963 385296 83 2227422 1777777a 18945612 83 90 363214 85 454123 1hrdnw23
        1ugd5hip2j 0890098890 2600506779 1j4ye3uz 1phrowz622 94 0911turbo 28273645 1293709b13
        163258741 3852741 187456321 3654321a 9q 19762000 0a1234567 88 99 7a 2a2a3a4 8a5 2b2c3d4
        8e5 2s2d3f4 8g5 1a123456 2aa1111 4aaa1 2rdvark 1bc12345 86 3d1234 4efg1 2erdeen 2igail1
        2normal 2racadabra 4kadabra 1capulco 2cess14 699 3ount1 2hilles 2idburn 1dgjmptw 2min123
        68533362 2renalin 2ventur 1erosmit 8h 1frodita 1gent007 2nieszka 1irborne 3force 3plane
        1katsuki 1labama1 2batros 2catraz 2ejandr 3ksander 8r 9a 3ssand 8ro 3x1234 4ande 8r1 7r 8e
        8u 2farome 2gernon 2igator 2kaline 2lblack 3eycat 3igator 4son1 3night 3stars 6te 2pha123
        5bet 5man 2terego 1marillo 3teurs 2brosia 2erica1 3thyst 2oremio 2sterda 8m 1naconda
        3konda 3stasi 8ya 3toliy 2drew12 4omed 8a 3yod22 2gel123 5666 5eye 5ito 5ofwar 2hyeuem
        2na2614 2teater 4lope 3hony1 72 77 3igone 3onio1 4shka 1olsucks 1pollo11 73 2ple123 5pie
        1quafina 4lung 4rius 1rabella 2cangel 3hange 8l 4itec 2gentin 3onaut 2izona1 2mageddon 7on
        3stron 2senal1 7fc 2tofwar 1s123456 2d12345 6asd 3asd123 3f1234 4asdf 4fdsa 4g123 845 5h01
        6jk 8l 4jkl; 4qwer 4zxcv 3qwe123 2modeus 2pirine 2sassin 8s 3clown 3hole1 7s 3lover 3munch
        2talavista 3erios 3onvil 1tlanta1 6is 2reides 1ugustin 2stin31 86 4rali 1valanch 8e 3ngard
        1wesome1 1zertyui 8op 2sxdcfv 0babemagn 8et 4ruth 3ushka 3ybear 5lue 4cake 4doll 4face
        4girl 4lon5 6ve 2ckbone 4door 4spac 2dabing 3karma 3lands 3naamhere 2jingan 2ldrick 3loons
        4sack 3timor 2phomet 2racuda 4kuda 3bados 5ra1 3celon 8a 3eback 4feet 5oot 3itone 3racud
        8a 3selona 2sebal1 7l 81 3ketba 8l 3tard1 2tman12 2yliner 3watch 1cfields 1eachbum 3rcats
        3tles1 3utifu 2ckham7 2efcake 3thove 2hemoth 2llagio 2ndover 3essere 2rgkamp 3nhard
        2siktas 2ttyboo 8p 1igballs 4lack 5ock 4oobs 6ty 4ucks 5tts 3daddy 4ick1 7s 3gdogg 3money
        3nasty 3penis 4impi 4oppa 4ussy 3stick 3truck 2llabon 8g 4iard 4ybob 7y 2nladen 2ohazard
        3nicle 2rthday1 84 2sexual 3marck 4illa 8h 2tchass 1lack123 5ass 5bel 8t 7rry 6ir 8d 6oy
        5cat 6oc 8k 5dog 5haw 8k 5ice 6e1 5jac 8k 5lab 5ops 6ut 3derunner 3hblah 3ster1 2essed1
        5ing 2ink182 3zzard 2ondie1 6nka 3opers 3wfish 4jobs 2ue1234 4ball 5ear 6ll 6rr 5ird 4devi
        4eyes 4fish 4jays 4moon 4nose 4sman 5tar 1obafett 3dylan 3marle 8y 2llocks 2ndarenko
        3ehead 4thug 3ghits 2ogaloo 3kcase 4worm 3mboom 2rabora 3deaux 3is123 3ussia 2scoe01
        1radley1 3ndon1 3silia 3vehea 8rt 2ian123 5na1 3ghton 2oncos1 3odwar 4klyn 3ther1 3wndog
        5eye 2ucelee 3no123 1ubba123 4legum 6s1 2ckeye1 7s 4shot 4whea 2dapest 3dy123 5boy 5dog
        3light 3weise 8r 2ffalo1 7s 2gsbunn 2kowski 2lldawg 5og1 7s 4frog 4seye 5hit 4wink 2mblebe
        2nghole 2ratino 2sinessbabe 3ter01 612 2ttercu 8p 6fl 8y 4fuck 4head 5ole 4plug 1ynthytn
        0c3por2d2 1abernet 3leguy 2dillac 2lamity 3iente 4forn 4gula 4mero 3listo 4ofduty 2maross
        3biami 4ridg 3elot1 5toe 4ron1 2ndyass 5man 3nabis 4ibal 4onda 3tona7 2petown 3ital1 7s
        3oeira 3ricor 8n 3slock 3tain1 2rdinal 3e1839 4bear 4free 3litos 3nival 3olina 3pedie 8m
        5nte 3thage 4man1 4oons 2sablanca 4nova 3eydog 3hflow 4mone 8y 3sandr 2tdaddy 3fight
        3herin 3woman 2valier 1br600rr 3900rr 1dtnkfyf 1elticfc 2rberus 2zer121 1fitymrf 1hainsaw
        3lleng 3mpagn 5ion 3ngeme 3racte 4gers 4isma 4les1 72 5ie1 823 72 73 7s 5ott 5ton 2eckers
        5mat 3erleaers 3lsea1 3mistr 3rokee 4ries 3shire 4ter1 3velle 4role 8t 4ys10 3wbacc 3yanne
        4enne 2icago1 4ken1 7s 7wing101 3llout 3pmunk 4per1 2ocolat 8e1 3ochoo 3pper1 7s 2ris123
        5bln 5sy1 5tia 7n 6ma 6op 8he 6y1 3ysler 2uckles 3rchil 1innamon 2tibank 2vilwar 1jkysirj
        1larinet 3ssic1 7s 3udia1 3ymore 2eopatr 3velan 2ippers 3tlick 4oris 2ose-up 1nfybckfd
        1obra427 2cacola 3ksuck 8er 2deblue 2ldbeer 4play 3lecti 3ombia 4rado 4ssus 3trane 2manche
        3icbookdb 3mande 7o 4odor 3puter 81 2ncorde 4rete 3sumer 3tortionist 4rol1 2olbean 4dude
        4girl 4hand 4ness 2penhag 2rleone 3nhole 3vet07 6te 2staric 3worth 2unterstrike 2ventry
        2wboys1 6up 1razybab 5man 2eampie 4tine 6ve 3epers 3scent 2icket1 3mson1 3stiano 2jhgbjy
        2ocodil 2usader 2ystal1 1tdfcnjgjkm 1ucumber 2linary 2meater 2tiepie 1vbhyjdf 1xfcnkbdfz
        1ybersex 2clones 2gnusx1 2nthia1 0daedalus 2ffodil 2gestan 3obert 2isydog 5mae 2llas22
        2mage11 2ngerou 3iel12 3nyboy 2redevi 8l 3kange 8l 4lord 4moon 4ness 4side 5tar 3thvad 8er
        2vecole 3id123 5off 2ydream 1brnjhbz 1eadhead 4pool 4spin 3th666 5note 5row 2borah1
        2epblue 4thro 8at 3rhunt 3znuts 7z 2fender 3tones 2lpiero 2mon666 2rparol 3rick1 2signer
        3perado 3tiny1 4roye 2tectiv 3roit1 2utschland 2vil666 5dog 5man 7ycry 1fcbkbcf 2ktynby 8f
        1hjnvytyjub 1iamante 4ond1 7s 2ckhead 4weed 2etcoke 2gital1 2lbert1 3ligaf 4weed 2ma1995
        2ngdong 3osaur 2pstick 2rtbike 4ydog 2scover 1kflbckfd 5vbh 8jdbx ayf 1oberman 2dgeram 6s1
        2ggydog 5style 3house 3pound 2lemite 3phin1 7s 2mainlock2005 3enico 3inator 5ika 6on 6qu
        2ntknow 2omsday 3rknob 2rtmund 2ughboy 4las1 2wnhill 1ragon01 611 72 83 73 669 688 699 6ba
        8ll az 6fl 8y 4race 4ster 2eamcas 8t 5er1 7s 2jynfrnt 2opdead 4kick 3wssap 2pepper 2ummer1
        1thjybrf 2kjcbgtl 2xyjcnm 1ucati99 3khunt 4soup 2racell 2stydog 2tchess 5man 1ynamite
        1zxtckfd 0earnhard 3thlin 8k 2stside 4wood 2tmenow 3pussy 1clipse1 1dinburg 1ggplant
        1ightbal 2nstein 1jaculation 1katerina 1lbereth 2camino 2diablo 3orado 2ectric 6on 3ment1
        3phant 3ven11 2isabet 3zabet 5veta 2vis123 1machines 2balmer 2mitt22 1nforcer 2gineer
        3land1 2ter123 5now 5pri 8se 2vision 1rection 2icsson 1scalade 3orpio 2presso 2sendon
        1ternity 2hernet 1uphoria 1vanescence 4geli 8on 2ergree 4last 4ques 8t 4ton1 2geniya
        2ildead 2olutio 1xcalibu 8r 3ellen 2ploite 5rer 3ress1 0f00tball 115eagle 1abienne 2cefuck
        2ilsafe 3rlane 2kepass 2lstaff 2ndango 3tasia 6ti 6y1 4omas 2rscape 2stball 4cars 2vorite2
        86 87 88 1earless 3thers 2derica 2elgood 2llatio 2rrari1 1gtkmcby 1hvfutljy 1idelity
        2ghtclub 2nalfantasy 2reball 5ird 5lad 8e 4figh 4hawk 4man1 4star 6orm 4wall 5ork 2shbone
        4cake 4erma 8n 4face 4head 4ing1 4tank 2vestar 1kbyjxrf 2mnthyfnbdf 2trcfylh 9f 3yeirf
        1lamengo 4ingo 3shman 3thead 2exible 2htyfkby 2intsto 3pflop 4mode 4per1 2orida1 3under
        3wers1 2vbybcnhfnjh 2yers88 1ootbal1 7l 81 4love 2rdf150 5250 5350 4truc 3eplay 4skin
        4ver1 3getit 3klift 3mula1 3saken 2xhound 3ylady 1rancesc 5is1 7c 4k123 5ie1 2eckles
        3d1234 4erik 3ebird 4dom1 72 4fall 4pass 5orn 4user 4will 3iheit 3nchie 2iday13 3ends1
        7ter 2ont242 5era 5ier 2uitbat 1uck_inside 4edup 4face 5est 4head 4inside 4me69 6hard
        4off1 4shit 4that 6is 4yeah 5ou1 823 72 2jifilm 2llback 4moon 2nhouse 3nyman 3stuff 3times
        2ssball 2turama 3yn007 2zzball 1yfcnfcbz 3njkbq 2njybyf 2utkbyf 5jxtr 0gabriel1 7l 2lactic
        4driel 3eries 3laries 2mecock 5ube 4over 2ndalf1 3gbang 8ed 4ster 3jaman 4ubas 3nibal
        2rfield 3goyle 2teway1 72 3orade 1bgbcmrf 2hfvblf 1eibcnbr 2neral1 4sis1 2orgia1 2raldin
        3many1 3onimo 2sperrt 2tmoney 3sdown 1fgfvfvf 2hfljrc 3jkm12 83 6gfhjkm 5zytn 1hbdtn12 83
        6br 6dctv 6rfrltkf 3lehjr 3rjkbcn 3ywtccf 2hh47hj7649 2jcnbnenrf 5jgfhjkm 7hjcnj 6nfr
        3dthrf 3njnbg 5rjk 3uhfvvf 3vtntq 2ostrider 2tktcnm 1ianluca 2gabyte 2nscoot 2rfriend
        2veitup 2zmodo1 1ladiato 8r 2endale 4nwei 4wood 1n56gn56 1obigred 2dbless 3fathe 8r 3smack
        4peed 3zilla 2gators 2ldeney 8e 4fing 8er 6sh 4rush 4star 4wing 3fball 4club 4ing1
        2od123654 4fell 4girl 4ison 4life 5uck 4stuf 4time 4year 3fball 3seman 2rdon24 3illaz
        2tigers 3ohell 3yoass 1randpri 3peape 3ywolf 2eatone 5sex 3edisgood 4n123 5bay 5day 5man
        5tea 3gory1 3mlins 3yhoun 4wolf 2oupd2013 1sxr1000 1tkmvtym 2nhjdbx 1uardian 2esswho
        2illaum 5erm 3nness 2lliver 2nsling 4moke 1y3yt2rgls 2mnastic 0hairball 2lflife 4moon
        3lo123 5wee 2mmerhe 2ndball 4yman 3nibal 4over 2ppines 4y123 5day 6og 5man 2rdball 4cock
        6re 4dick 4rock 4wood 6rk 3rypotter 2tteras 4rick 2waii50 6an 3keye1 7s 4wind 3thorn
        2yabusa 1d764nw5d7e1vb1 1eadless 4shot 3ther1 72 2dgehog 2ineken 4lein 2llfire 4o123 5hel
        5kit 8ty 4sing 4yeah 2nderso 2rcules 3ewego 3mione 3nande 3shey1 2tfield 1ibernia 2ghbury
        4heel 4land 8er 5ife 2lfiger 3lbill 4side 2tman47 1ogwarts 2liday1 3lywoo 3yshit 2mebrew
        4made 4page 4r123 2ndacbr 6ivic 3eybee 6un 5dew 3gkong 3olulu 2oligan 3siers 3ters1
        2rnyboy 5guy 5man 3seman 6en 2tbabes 3chick 3girls 3pussy 3sauce 4tuff 2unddog 3sewife 9s
        4ton1 1rvatska 1tubcnhfwbz 1ugetits 3oboss 2lkster 2nter12 2rrican 2skers1 1yperion
        0ibilljpf 5tes 1cecream 3house 1dontkno 8w 1gnatius 1hateyou 1jrjkflrf 1likepie 5sex
        2lmatic 3umina 4sion 2ovegod 5her 5porn 6ussy 5sex 5you 81 82 2ya1234 5992 1mmortal
        2palass 3erium 3lants 2theman 1ndia123 5na1 2finiti 7y 2sertion 9s 3omnia 3piron 2teracial
        5course 5net 81 3repid 4uder 2uyasha 2victus 1reland1 2ishman 2onhors 4maiden 6n1 1slander
        2tanbul 3heman 1taliano 1verson3 1wantsex 0j3qq4h7h2v 1ackass1 4son1 75 2kester 2maica1
        3es007 5123 5bon 8d 2nuary1 2panees 2smine1 3on123 2yhawks 1bond007 1ediknig 8ht 2epster
        2fferso 4rey1 2llybea 8n 2nnifer1 2ssica1 72 3us123 5777 1iggaman 2mmy123 1ohannes 3ncena
        4deer 8e 4galt 4son1 2rdan23 2seluis 4phin 3hua12 2ystick 1uancarlo 2nkmail 4yard 2piter1
        72 2rassic 2st4fun 4doit 4ice1 5n12 6bieber 2ventus 0kakashka 2masutra 3ikadze 6ze 2ngaroo
        2ramelka 3olina 2tarina 3erina 3harin 2wasaki 2zanova 5tip 1cchiefs 2j9wx5n 1enneth1 4wort
        3worth 2vin123 2yboard 3stone 1fcnjxrf 1ickflip 4sass 2kimora 2llbill 4emall 5r12 83 4zone
        2ngfish 4kong 4size 5ton 2ssmyas 8s 2tty123 5cat 5kat 1jrjvjnbd 1leopatra 2ondike
        1nickerless 7s 2ockers 2uckles 1ochamcie 2mputer 2nstantin 2rdell1 3oleva 2valenko
        1rasnodar 4otka 2isten1 5in1 2okodil 0l58jkdjp! 1abrador 2crimosa 4osse 2dybird 4gaga
        2etitia 2gwagon 2kers24 4side 4wood 2lakers 4land 2mbchop 4orghini 2ncaste 4elot 3drove
        4scap 2pochka 2racroft 2serjet 3ttime 3vegas 2valamp 1eavemealone 2bowski 3ron23 2edsutd
        2ft4dead 2goland 2mmings 3onade 2nochka 2onidas 2sbians 2tmein1 72 82 7n 5see 3sdoit 4fuck
        4play 2xingky 1fitymrf 1ibertad 6y1 2corice 2fehack 4isgood 2ghthou 5nin 8g 2lwayne
        2mewire 3pbizkit 2ncoln1 3dsay1 5ey1 3eage2 2onhear 8t 4king 2ttlema 2velife 4rpoo 8l 91
        4wire 2zaveta 1jxtymrf 1ockdown 4erroom 2gitech 3latin 2komotiv 2l12345 3lipop 4ypop
        2nesome 5tar 4wolf 3gdick 5ong 4hair 5orn 8s 4john 4legs 4shot 2redana 2sangel 8es 3tsoul
        2tus123 2ve1234 4feet 4hate 4life 4me89 4rboy 5man 4sexy 4you1 72 2wrider 1ucas123 3ky123
        5777 5dog 5man 5one 2dacris 2nchbox 2scious 2v2epus 0macaroni 3daddy 3gyver 3homan 3intos
        8h 3kenzi 2dagaskar 4la11 3dison 3ison1 3onna1 2gellan 3ic123 5ian 5man 3navox 2halkita
        2ilcreated5240 2jestic 2kaveli 3eitso 3simka 2lcolm1 3lorca 4rats 2macita 4papa 3mamia
        3ochka 2nager1 3chest 8er 3darin 4ingo 4olin 4rake 3hatta 3nheim 3united 2pet123456
        2radona 4jade 4thon 4uder 3cello 4ius2 3garit 4osha 3igold 4juan 8a 4ners 6s1 5o13 4posa
        4shka 3ketin 3lboro 3seill 8e 3yjane 2samune 3erati 3h4077 3ter01 611 72 83 6baiting 8te
        9ing 6key 6mi 8nd 4urbation 2tchbox 3thew1 72 5ias 4ingl 2urizio 4olarastefy 2verick 8s
        2ximilian 5us1 3payne 4ower 3well1 2zafaka 3da323 5626 5rx7 1eandyou 3tball 4head 4loaf
        2chanic 2gadeth 4pass 4tron 2lanie1 3issa1 2owmeow 2phisto 2rcedes 4ury1 3idian 3sedes
        2tal666 5gear 5ica 5lic 8a 91 3ropol 1ichael1 72 73 78 79 4ele1 6le1 4igan 3rolab 5phone
        5sof 8t 2dnight 2ke1234 2lamber 4shka 3enium 3house 3kyway 3lenium 4ion1 4wall 2necraft
        3imoni 3nesot 3otaur 2randa1 2schief 3fit99 3iaczek 3sissi 3tress 1nbvcxz1 1obbdeep 3ydick
        2delsne 2jojojo 2lly123 5dog 2msanaladventure 2nalisa 3ey123 5bag 5man 3goose 3ique1
        3key11 72 83 669 6bo 8y 6ma 8n 3olith 4poly 3ster1 3tana1 4ecar 8lo 5rey 4gom240 4real
        5ose 2onbeam 4ligh 8t 4shin 8e 5tar 2rozova 3pheus 3rowind 3tgage 4icia 5mer 2stwanted
        2tdepasse 3herfu 6lode 3ocros 8s 4rcyc 5ola 2untain 3sepad 1udvayne 2ffdive 2ltiplelo 5syn
        2nchkin 2shroom 3ic123 5man 3tang0 71 72 73 75 76 78 79 7g 7s 1yfriend 2mother 2nameis
        2passwo 8rd 2secret 3pace1 2xworld 0nadezhda 2ncy123 2scar24 3tenka 2talie1 4scha 5ha1
        3edogg 3hanie 2ughty1 3tilus 2vigato 8r 3yseal 1buhtyjr 1cc1701a 7d 7e 374656 1ebraska
        2edforspeed 2mesis1 3rac58 2tscape 3work1 2vermin 8d 6or 8e 2wcastl 3order 3pass1 76 4ort1
        4roject2004 3start 3york1 1icetits 2ghthaw 5mar 5owl 5win 7sh 2neball 4inch 3tendo 2rvana1
        1jdevils 1octurne 2kia123 53250 55130 6230 6530 6800 56233 6300 5n70 73 2limits 2name123
        3membe 2password 2rmandy 2sferat 8u 3tromo 2tebook 3hing1 3redam 8e 2unours 2vifarm 4kova
        1thvbyfnjh 2ktdbpjh 1uttertools 1wo4life 1ygiants 2yankee 0oblivion 2sidian 1ctober1 72
        1ldschool 1megared 2sairam 1nepiece 1pen1234 4door 4sesame 3rator 2timist 4plex 1range12
        2iflame 2lando1 1scar123 1utsider 1verkill 4lord 0p0015123 2o9i8u7 1455w0rd 2ssw0rd
        1@ssw0rd 1a55w0rd 5ord 2ckard1 4ers1 2intbal 8l 2kistan 2ladin1 3lmall 3mtree 2nasoni 8c
        3dora1 3orama 3tera1 4her1 7s 4ies1 4yhos 8e 2pabear 4mama 3erino 3ichul 4llon 2radigm 6se
        4medi 5ore 3lament 3sifal 3tizan 2sadena 3s1234 4code 4find 4ion1 7s 4mast 4port 4thie
        4w0rd 5erd 5or1 7d 801 81 91 92 a3 82 83 89 99 8s 7t 2tches1 3hfind 8er 3rick1 5ots 5zia
        3terso 2vement 3ilion 2yton34 1eaceout 4hes1 3rljam 2ekaboo 2gasus1 2ndrago 3etrating 9on
        3guin1 7s 3nstat 8e 4ywis 3thous 4ium4 2psi123 2regrin 3fect1 3tinant 2terbil 5north 5pan
        3rovich 1haedrus 3ntom1 3rmacy 2ialpha 3lippe 4lies 6p1 2oenix1 72 1i314159 2anoman
        2ctuers 2ercing 2mpdadd 8y 4ster 2neappl 8e 4tree 4wood 3gpong 3kfloy 8d 3nacle 2oneer1
        2peline 3pen33 2ramida 2tchers 2zzahut 5man 1lastics 3tinum 4ypus 3yball 5oy1 72 7s 4mate
        4stat 8ion 4time 2easeme 2ymouth 1oiuytrewq 2kemon1 823 2larbea 5oid 3niypizdec0211
        2ntiac1 2ohbear 3l6123 3ntang 3phead 2pcorn1 2rkchop 3nking 4ographic 4pass 4star 3sche1
        79 811 3tland 4ugal 2seidon 3tov1000 2wer123 5ade 5man 1rashant 2eacher 3cious 3dator
        3lude1 3sario 4iden 2incesa 7s 81 8a 6to 4gles 3scill 3vate1 3yanka 2ospero 1sychnau
        1ufunga7782 2mpkin1 7s 2nisher 3krock 2ppydog 2ssy123 54me 5cat 5eat 5licker 6ov 8er 5man
        1yramid1 7s 0q1234567 889 a0 2q2q3q4 8q5 2w2e3r4 8t5 ay6 12w3e4r5 1awsedrf 8tg 2z12345
        6wsx 3wsx12 83 6ed 8c 91 a23 9rfv ctgb 3xsw12 83 6edc 1q123456 1uant4307s 1w123456 2aszx12
        2e123qwe 3asd123 6zx 8c 9123 3dsazxc 3qwe123 3r1234 4asdf 8zxcv 4t123 845 5y11 72 83 94 a5
        b6 73 677 87 78 699 6ui 8o 9p 5zui 0r2d2c3p0 7o 14e3w2q1 1adiance 4ohea 8d 2gnarok 2iders1
        3nbow1 76 7s 4drop 4yday 3stlin 2mmstei 8n 3stein 2nchero 3gers1 2punzel 2sputin 3taman
        2ymond1 1b26dett 1dfhnbhf 1ealmadrid 2bbyt34 3ecca1 2ckless 2d12345 3alert 3baron 4eard
        3devil 4warf 3head1 7s 3light 3neck1 3shift 4kins 4torm 3wing1 7s 2loaded 2mingto 2negade
        2pytwjdf 2rehepf 3fhfxf 5tre 2vival47 3oluti 5ver 1fgbnjirf 2hfvtkmrf 4ylfi 3lbyfk 3njirf
        2nthbyf 4ymrf 2vfcenhf 1hbcnbyf 2fcfdbwf 6xbr 4jnrf 2jrjlbk 2tdtlrj 1iccardo 3hard1 3kster
        3ochet 2ffraff 2ghtnow 2verrat 5sid 1jhjktdf 2irfrgbde 2yatnrf 3cnfynby 1ktjgfnhf 1oadkill
        6ng 4runn 8er 4ster 2berto1 3inhood 3otech 5ics 2cketma 8n 4ford 4hard 4nrol 8l 4roll
        4star 4y123 5dog 2lltide 2manova 4shka 2naldinho 6o7 2oster1 7s 3tbeer 4edit 2sebud1 4wood
        1salinas 1t6ytere 1unescape 2sh2112 4more 3sell1 4ian7 3tydog 0saab9000 2brina1 2ilboat
        4fish 2lamander 8ra 4sana 3tydog 3vator 2madams 4ntha 81 3my123 5dog 3pson1 3sung1 2ndiego
        4man1 4rine 4ydog 3ity72 3tacru 2opaulo 2pphire 2rajevo 4toga 2sha123 5_007 2tan666 3ellit
        3riani 2usages 2xophon 1carface 2hastie 3eisse 3nuffi 2irocco 2oobydo 8o 4ter1 3rpio1 7n
        8s 3tland 2rabble 4pper 3eamer 4wyou 3uffy1 1eahawks 4orse 3lteam 3rcher 3ttle1 2bastia 7e
        2curity 2ductive 2gblue2 2infeld 2minole 3perfi 2nators 3tinel 2phirot 8h 3tembe 2raphim
        3enity 3gbest 3solution 3vice1 2venof9 2xsexse 3ybabe 5itch 4girl 4lady 4mama 1fgiants
        1hadow01 611 72 73 3mrock 3ney14 4non1 2eepdog 3rlock 3vchenko 2inigami 3tface 5uck 4head
        2ooter1 3tokan 3wboat 4time 2redder 1idekick 4wind 2gmachi 2lverad 8o 2mpson1 7s 2ngapor
        3ister 2thlord 2xtynin 8e 1k8ordie 2ateboa 8rd 2eeter1 2inhead 3pper1 3ttles 2orpion
        2ydiver 3line1 3walke 8r 1lamdunk 3pnuts 4shot 3yer666 2imshad 8y 3pknot 4pery 2owhand
        1mackdow 8n 3llville 3rtass 3shing 2eghead 2irnoff 6va 2oke420 5dog 3othie 2uggles
        1nakeman 3pshot 2eakers 2ickers 2oogans 4pdog 8g 3wball 5ird 5oar 8d 4flak 8e 4man1
        2uggles 1obriety 2ccer10 71 72 73 3rates 2ftball 4tail 4ware 2jdlg123aljg 2kolova
        2lidsnake 4tude 3nishko 2ngbird 3yericsson 4fuck 4vaio 2oners1 2pranos 2so123aljg 2ulmate
        3thpar 8k 7w 5sid 8e 1paceman 3nking 3rhawk 4kles 4tacu 6n1 817 7s 2ecial1 7k 4trum 3ncer1
        2iderma 8n 91 3tfire 2latter 3inter 2ongebo 8b 2rinter 3ocket 1querting 3irrel 1rinivas
        1tallion 3mford 4pede 3nislav 4ley1 3rbuck 8s 4craf 8t 4dust 4fire 6sh 4gate 4ligh 8t 6te
        4ship 4t123 5rek 4wars 81 2eelers 5hea 3phani 5en1 3ve123 3wart1 2ickman 3gmata 3letto
        3nger1 5ray 2ocking 3necol 8d 5wal 3ppedby 2range1 7r 5nik 4tfor 4wber 8ry 3eaming 3ipper
        3oller 1ublime1 3marin 2ccess1 3kcock 4dick 4mydick 2ikoden 2mmer01 612 669 699 6ti 8me
        2ndance 4erla 5vil 3flowe 8r 3light 3nyday 3shine 81 2per123 5bow 5fly 5man 81 5nov 8a
        5sonic 6ta 8r 2rveyor 4ivor 1vetlana 1wallows 2eetass 5hea 5nes 8s 5pea 2imming 3ngers
        5ing 2ordfis 8h 1ylveste 2ncmaster 2racuse 0tacobell 2ekwondo 2ilgate 2kamine 2lisman
        2merlan 3pabay 2nechka 3gerin 2rantul 3heels 2shkent 2zmania 1eacher1 3mwork 2chnics
        3umseh 2ddybea 8r 2lecast 4phon 4vizor 2mppass 4tress 2nerife 3nesse 2quiero 2rminat 8or
        3rapin 4iers 2st1234 4ibil 5ng1 4pass 1hailand 3natos 4kyou 2ebeast 3clash 3doors 3flash
        4orce 3great 3last1 3matri 8x 3rock1 3saint 3thing 4ruth 3world 2inkpad 3rteen 3sisit
        4suck 2omas12 3rsten 2reesom 2uglife 3mbnils 4per1 3nder1 7b 8ird 1iberian 6us 2ckling 6sh
        4tock 2ffany1 2ger123 5cat 3ger01 612 2melord 3othy1 4xa94 2nkerbe 8ll 2tanic1 6um 3leist
        4over 1kbpfdtnf 1okiohotel 2mahawk 3myboy 3servo 2nyhawk 2oltime 3narmy 2polino 3secre 8t
        2riamos 3toise 2shiba1 2ttenha 8m 2uchdow 3louse 1rader12 3ilers 3nsexual 5for 5lator
        3veler 2easure 3efrog 2fnthbyf 2iangle 3nitro 8n 6y1 3plets 3stan1 2ojans1 3mbone 3oper1
        3uble1 4sers 2ucker1 5ing 3eblue 4love 3ffles 3mpet1 3stn01 6o1 2yagain 1unafish 2rkey50
        1wilight 0ufhvjybz 1hbujhbq 1ltimate 3raman 1mbrella 1ncencored 2derdog 5tak 8er 6ow
        2icorn1 3versa 7i 1rsitesux 1sername 2marine 3c0311 2uckballz1 1tahjazz 0vacation 2gabond
        2ldepen 3entin 8a 4riya 3halla 3kyrie 3leywa 2mpire1 2ncouve 3essa1 3guard 3halen 2seline
        3ilisa 2uxhall 1egas123 2ndetta 3ezuel 2rbatim 3geten 3onika 3ygood 1fhbyjxrf 3nsirf
        3ufhbnf 2itymrf 2lfufcrfh 2nbkmlf 3tvfnbrf 2pfafrf 2rcbvrf 2vfgfgf 4vskfhfve 2ylfhby
        1icecity 3tory1 2ewsoni 8c 2kings1 3toria 7ya 2ncent1 2olator 4etta 2per123 5gts 2rginie
        2ttorio 2vitron 1jqgfhjkm 1kontakte 1ladimir 5slav 4vlad 1odafone 2lkodav 4swag 8en 3leyba
        2yager1 1qsablpzla 1sjasnel12 1thctltc 0wachtwoord 2ffenss 2nderer 2papapa 2rcraft 83
        3eagle 4hous 3hamme 8r 3rior1 7s 2sdwasd 3hingt 2terboy 5fal 5loo 5melon 5polo 5ski
        1dtnjxtr 1eare138 2bhompas 3maste 8r 3sol76 6utions 2dnesda 2lcome1 823 72 3lhung 4ingt
        2rewolf 2stham1 4life 4side 4wood 2tpussy 1g8e3wjf 1hatever 81 2iplash 3skers 4tler 3teboy
        5out 5sox 2ocares 3knows 3opass 1ildbill 4card 6t1 7s 4fire 4wood 3liam1 72 2nchest 3dmill
        4ows1 4surf 3gchun 4zero 3ston1 3ter12 699 2sconsi 3hbone 1olfgang 4pack 3verin 8e
        2nderboy 6fu 2odland 4stoc 8k 4work 3fwoof 2rdpass 3ldcup 1p2003wp 1rangler 2estlin
        2inkle1 7s 0x72jhhu3z 0yamahar1 76 2nkees1 72 2roslav 1eahbaby 3r2005 2sterda 1fcntymrf
        2nfitymrf 1jdsqgfhjkm 1ogibear 2rktown 2semite 2uandme 3rmama 1tngfhjkz 2rhjvfyn 2yfdbcnm
        0z1x2c3v4 8b5 1achary1 2nzibar 2q12345 5wsx 4xsw2 8cde3 3wsxcde 3xswcde 1cxfcnkbdf
        1eppelin 2rocool 1ildjian 1olushka 1xasqw12 2casdqwe 9123 3v1234 4asdf 4b123 845 5nm1 823
        4vcxz 1z8807zpl
        """#
}
