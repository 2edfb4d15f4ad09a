/// What a rule asks about (`rule_type`): every type of the contracts, and the exclusion rule that the SDKs know
/// besides.
public enum RuleType: String, CaseIterable, Sendable {
    // The page.
    case url
    case urlWithQuery = "url_with_query"
    case queryString = "query_string"
    case pageType = "page_tag_page_type"
    case categoryID = "page_tag_category_id"
    case categoryName = "page_tag_category_name"
    case productSKU = "page_tag_product_sku"
    case productName = "page_tag_product_name"
    case productPrice = "page_tag_product_price"
    case customerID = "page_tag_customer_id"
    case custom1 = "page_tag_custom_1"
    case custom2 = "page_tag_custom_2"
    case custom3 = "page_tag_custom_3"
    case custom4 = "page_tag_custom_4"
    // Where the visitor comes from.
    case campaign
    case keyword
    case medium
    case sourceName = "source_name"
    // Place, language and weather.
    case city
    case country
    case region
    case language
    case weatherCondition = "weather_condition"
    // The browser and its device.
    case browserName = "browser_name"
    case browserVersion = "browser_version"
    case operatingSystem = "os"
    case userAgent = "user_agent"
    case isDesktop = "is_desktop"
    case isMobile = "is_mobile"
    case isTablet = "is_tablet"
    case cookie
    case javaScriptCondition = "js_condition"
    // Visits.
    case visitorID = "visitor_id"
    case visitorType = "visitor_type"
    case visitsCount = "visits_count"
    case daysSinceLastVisit = "days_since_last_visit"
    case pagesVisitedCount = "pages_visited_count"
    case visitDuration = "visit_duration"
    case averagePageTime = "avg_time_page"
    case visitorDataExists = "visitor_data_exists"
    // What has been decided about the visitor, and done.
    case bucketedIntoExperience = "bucketed_into_experience"
    case bucketedIntoExperienceKey = "bucketed_into_experience_key"
    case bucketedIntoSegment = "bucketed_into_segment"
    case goalTriggered = "goal_triggered"
    // Time.
    case localDayOfWeek = "local_time_day_of_week"
    case localHourOfDay = "local_time_hour_of_day"
    case localMinuteOfHour = "local_time_minute_of_hour"
    case projectDayOfWeek = "project_time_day_of_week"
    case projectHourOfDay = "project_time_hour_of_day"
    case projectMinuteOfHour = "project_time_minute_of_hour"
    // Attributes by name.
    case textAttribute = "generic_text_key_value"
    case numericAttribute = "generic_numeric_key_value"
    case booleanAttribute = "generic_bool_key_value"
    /// Of any type: how older projects of the vendor have it.
    case attribute = "generic_key_value"

    /// Whether the rule compares with a word of a list that everybody knows.
    public var isWord: Bool {
        switch self {
        case .browserName, .country, .language, .operatingSystem, .visitorType: true
        default: false
        }
    }

    /// Whether the rule compares with a number.
    public var isNumeric: Bool {
        switch self {
        case .averagePageTime, .daysSinceLastVisit, .pagesVisitedCount, .visitDuration, .visitsCount, .productPrice,
            .numericAttribute:
            true
        default: false
        }
    }

    /// Whether the rule is about an attribute that it names in `key`.
    public var isAttribute: Bool {
        switch self {
        case .textAttribute, .numericAttribute, .booleanAttribute, .attribute: true
        default: false
        }
    }
}
