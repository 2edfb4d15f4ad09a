import Text

/// Names of countries, for clients that send those instead of codes. Names as in the time zone database's `iso3166.tab`
/// (public domain), with others that are in use; of those that two countries share, the larger one's.
enum CountryCode {
    /// The ISO 3166-1 alpha-2 code of a country by its code of two or three letters, or its English name, however written:
    /// `us`, `USA`, `United States`, `united-states`. Any two letters are taken for a code. Nil for what is none of these.
    static func of(_ text: String) -> String? {
        let key = normalized(text)
        if key.utf8.count == 2, key.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }) {
            return key == "uk" ? "GB" : key.uppercased()
        }
        return codes[ClientText(key)]
    }

    /// Letters in lower case; what parts words does not count, and `&` is `and`.
    private static func normalized(_ text: String) -> String {
        var key = String.UnicodeScalarView()
        for scalar in text.lowercased().unicodeScalars {
            if scalar == "&" { key.append(contentsOf: "and".unicodeScalars) }
            if scalar.properties.isAlphabetic { key.append(scalar) }
        }
        return String(key)
    }

    private static let codes: [ClientText: String] = {
        var codes: [ClientText: String] = [:]
        for line in table.split(separator: "\n") {
            let names = line.split(separator: "|").map(String.init)
            for name in names.dropFirst() { codes[ClientText(normalized(name))] = names[0] }
        }
        return codes
    }()

    /// A line each: code, code of three letters, names.
    private static let table = """
        AD|AND|Andorra
        AE|ARE|United Arab Emirates|UAE
        AF|AFG|Afghanistan
        AG|ATG|Antigua & Barbuda
        AI|AIA|Anguilla
        AL|ALB|Albania
        AM|ARM|Armenia
        AO|AGO|Angola
        AQ|ATA|Antarctica
        AR|ARG|Argentina
        AS|ASM|American Samoa
        AT|AUT|Austria|Österreich
        AU|AUS|Australia
        AW|ABW|Aruba
        AX|ALA|Åland Islands|Aland Islands
        AZ|AZE|Azerbaijan
        BA|BIH|Bosnia & Herzegovina|Bosnia
        BB|BRB|Barbados
        BD|BGD|Bangladesh
        BE|BEL|Belgium|België|Belgique
        BF|BFA|Burkina Faso
        BG|BGR|Bulgaria
        BH|BHR|Bahrain
        BI|BDI|Burundi
        BJ|BEN|Benin
        BL|BLM|St Barthelemy
        BM|BMU|Bermuda
        BN|BRN|Brunei|Brunei Darussalam
        BO|BOL|Bolivia
        BQ|BES|Caribbean NL
        BR|BRA|Brazil|Brasil
        BS|BHS|Bahamas|The Bahamas
        BT|BTN|Bhutan
        BV|BVT|Bouvet Island
        BW|BWA|Botswana
        BY|BLR|Belarus
        BZ|BLZ|Belize
        CA|CAN|Canada
        CC|CCK|Cocos Islands
        CD|COD|DR Congo|Democratic Republic of the Congo|Congo Kinshasa
        CF|CAF|Central African Rep.
        CG|COG|Republic of the Congo|Congo|Congo Brazzaville
        CH|CHE|Switzerland|Schweiz|Suisse
        CI|CIV|Côte d'Ivoire|Cote d'Ivoire|Ivory Coast
        CK|COK|Cook Islands
        CL|CHL|Chile
        CM|CMR|Cameroon
        CN|CHN|China|People's Republic of China
        CO|COL|Colombia
        CR|CRI|Costa Rica
        CU|CUB|Cuba
        CV|CPV|Cape Verde|Cabo Verde
        CW|CUW|Curaçao|Curacao
        CX|CXR|Christmas Island
        CY|CYP|Cyprus
        CZ|CZE|Czech Republic|Czechia
        DE|DEU|Germany|Deutschland
        DJ|DJI|Djibouti
        DK|DNK|Denmark|Danmark
        DM|DMA|Dominica
        DO|DOM|Dominican Republic
        DZ|DZA|Algeria
        EC|ECU|Ecuador
        EE|EST|Estonia
        EG|EGY|Egypt
        EH|ESH|Western Sahara
        ER|ERI|Eritrea
        ES|ESP|Spain|España
        ET|ETH|Ethiopia
        FI|FIN|Finland|Suomi
        FJ|FJI|Fiji
        FK|FLK|Falkland Islands
        FM|FSM|Micronesia
        FO|FRO|Faroe Islands
        FR|FRA|France
        GA|GAB|Gabon
        GB|GBR|Britain|United Kingdom|Great Britain|England|Scotland|Wales|Northern Ireland
        GD|GRD|Grenada
        GE|GEO|Georgia
        GF|GUF|French Guiana
        GG|GGY|Guernsey
        GH|GHA|Ghana
        GI|GIB|Gibraltar
        GL|GRL|Greenland
        GM|GMB|Gambia|The Gambia
        GN|GIN|Guinea
        GP|GLP|Guadeloupe
        GQ|GNQ|Equatorial Guinea
        GR|GRC|Greece
        GS|SGS|South Georgia & the South Sandwich Islands
        GT|GTM|Guatemala
        GU|GUM|Guam
        GW|GNB|Guinea-Bissau
        GY|GUY|Guyana
        HK|HKG|Hong Kong|Hong Kong SAR China
        HM|HMD|Heard Island & McDonald Islands
        HN|HND|Honduras
        HR|HRV|Croatia
        HT|HTI|Haiti
        HU|HUN|Hungary
        ID|IDN|Indonesia
        IE|IRL|Ireland
        IL|ISR|Israel
        IM|IMN|Isle of Man
        IN|IND|India
        IO|IOT|British Indian Ocean Territory
        IQ|IRQ|Iraq
        IR|IRN|Iran|Islamic Republic of Iran
        IS|ISL|Iceland
        IT|ITA|Italy|Italia
        JE|JEY|Jersey
        JM|JAM|Jamaica
        JO|JOR|Jordan
        JP|JPN|Japan
        KE|KEN|Kenya
        KG|KGZ|Kyrgyzstan
        KH|KHM|Cambodia
        KI|KIR|Kiribati
        KM|COM|Comoros
        KN|KNA|St Kitts & Nevis|Saint Kitts and Nevis
        KP|PRK|North Korea
        KR|KOR|South Korea|Korea|Republic of Korea
        KW|KWT|Kuwait
        KY|CYM|Cayman Islands
        KZ|KAZ|Kazakhstan
        LA|LAO|Laos|Lao
        LB|LBN|Lebanon
        LC|LCA|St Lucia|Saint Lucia
        LI|LIE|Liechtenstein
        LK|LKA|Sri Lanka
        LR|LBR|Liberia
        LS|LSO|Lesotho
        LT|LTU|Lithuania
        LU|LUX|Luxembourg
        LV|LVA|Latvia
        LY|LBY|Libya
        MA|MAR|Morocco
        MC|MCO|Monaco
        MD|MDA|Moldova|Republic of Moldova
        ME|MNE|Montenegro
        MF|MAF|Saint Martin
        MG|MDG|Madagascar
        MH|MHL|Marshall Islands
        MK|MKD|North Macedonia|Macedonia
        ML|MLI|Mali
        MM|MMR|Burma|Myanmar
        MN|MNG|Mongolia
        MO|MAC|Macau|Macao SAR China
        MP|MNP|Northern Mariana Islands
        MQ|MTQ|Martinique
        MR|MRT|Mauritania
        MS|MSR|Montserrat
        MT|MLT|Malta
        MU|MUS|Mauritius
        MV|MDV|Maldives
        MW|MWI|Malawi
        MX|MEX|Mexico|México
        MY|MYS|Malaysia
        MZ|MOZ|Mozambique
        NA|NAM|Namibia
        NC|NCL|New Caledonia
        NE|NER|Niger
        NF|NFK|Norfolk Island
        NG|NGA|Nigeria
        NI|NIC|Nicaragua
        NL|NLD|Netherlands|The Netherlands|Holland
        NO|NOR|Norway|Norge
        NP|NPL|Nepal
        NR|NRU|Nauru
        NU|NIU|Niue
        NZ|NZL|New Zealand
        OM|OMN|Oman
        PA|PAN|Panama
        PE|PER|Peru
        PF|PYF|French Polynesia
        PG|PNG|Papua New Guinea
        PH|PHL|Philippines|The Philippines
        PK|PAK|Pakistan
        PL|POL|Poland|Polska
        PM|SPM|St Pierre & Miquelon|Saint Pierre and Miquelon
        PN|PCN|Pitcairn
        PR|PRI|Puerto Rico
        PS|PSE|Palestine|Palestinian Territories
        PT|PRT|Portugal
        PW|PLW|Palau
        PY|PRY|Paraguay
        QA|QAT|Qatar
        RE|REU|Réunion|Reunion
        RO|ROU|Romania
        RS|SRB|Serbia
        RU|RUS|Russia|Russian Federation
        RW|RWA|Rwanda
        SA|SAU|Saudi Arabia
        SB|SLB|Solomon Islands
        SC|SYC|Seychelles
        SD|SDN|Sudan
        SE|SWE|Sweden|Sverige
        SG|SGP|Singapore
        SH|SHN|St Helena|Saint Helena
        SI|SVN|Slovenia
        SJ|SJM|Svalbard & Jan Mayen
        SK|SVK|Slovakia
        SL|SLE|Sierra Leone
        SM|SMR|San Marino
        SN|SEN|Senegal
        SO|SOM|Somalia
        SR|SUR|Suriname
        SS|SSD|South Sudan
        ST|STP|Sao Tome & Principe
        SV|SLV|El Salvador
        SX|SXM|Sint Maarten
        SY|SYR|Syria|Syrian Arab Republic
        SZ|SWZ|Eswatini|Swaziland
        TC|TCA|Turks & Caicos Is|Turks and Caicos Islands
        TD|TCD|Chad
        TF|ATF|French S. Terr.
        TG|TGO|Togo
        TH|THA|Thailand
        TJ|TJK|Tajikistan
        TK|TKL|Tokelau
        TL|TLS|East Timor
        TM|TKM|Turkmenistan
        TN|TUN|Tunisia
        TO|TON|Tonga
        TR|TUR|Turkey|Türkiye|Turkiye
        TT|TTO|Trinidad & Tobago
        TV|TUV|Tuvalu
        TW|TWN|Taiwan
        TZ|TZA|Tanzania
        UA|UKR|Ukraine
        UG|UGA|Uganda
        UM|UMI|US minor outlying islands
        US|USA|United States|United States of America|America
        UY|URY|Uruguay
        UZ|UZB|Uzbekistan
        VA|VAT|Vatican City|Vatican|Holy See
        VC|VCT|St Vincent|Saint Vincent and the Grenadines
        VE|VEN|Venezuela
        VG|VGB|British Virgin Islands
        VI|VIR|US Virgin Islands|United States Virgin Islands|Virgin Islands
        VN|VNM|Vietnam|Viet Nam
        VU|VUT|Vanuatu
        WF|WLF|Wallis & Futuna
        WS|WSM|Samoa
        YE|YEM|Yemen
        YT|MYT|Mayotte
        ZA|ZAF|South Africa
        ZM|ZMB|Zambia
        ZW|ZWE|Zimbabwe
        """
}
