import JSON
import Text

extension VisitorFacts {
    /// What is known about the thing a rule of this type asks for; nil when it is unknown.
    func value(of type: RuleType, key: String?) -> FactValue? {
        switch type {
        case .url: page.map { .text($0.url) }
        case .urlWithQuery: page.map { .text($0.urlWithQuery) }
        case .queryString: page.map { .text($0.queryString) }
        case .pageType, .categoryID, .categoryName, .productSKU, .productName, .productPrice, .customerID, .custom1,
            .custom2, .custom3, .custom4:
            pageTags[type].map { FactValue($0) }
        case .campaign: source.campaign.map { .text($0) }
        case .keyword: source.keyword.map { .text($0) }
        case .medium: source.medium.map { .text($0) }
        case .sourceName: source.name.map { .text($0) }
        case .city: city.map { .text($0) }
        case .country: country.map { .text($0) }
        case .region: region.map { .text($0) }
        case .language: language.map { .text($0) }
        case .weatherCondition: weatherCondition.map { .text($0) }
        case .browserName: device.browserName.map { .text($0) }
        case .browserVersion: device.browserVersion.map { .text($0) }
        case .operatingSystem: device.operatingSystem.map { .text($0) }
        case .userAgent: device.userAgent.map { .text($0) }
        case .isDesktop: device.category.map { .flag($0 == .desktop) }
        case .isMobile: device.category.map { .flag($0 == .mobile) }
        case .isTablet: device.category.map { .flag($0 == .tablet) }
        case .cookie: cookie(key)
        case .visitorID: visitorID.map { .text($0) }
        case .visitorType: visits.isReturning.map { .text($0 ? "returning" : "new") }
        case .visitsCount: visits.count.map { .number($0) }
        case .daysSinceLastVisit: visits.daysSinceLast.map { .number($0) }
        case .pagesVisitedCount: visits.pages.map { .number($0) }
        case .visitDuration: visits.duration.map { .number($0) }
        case .averagePageTime: visits.averagePageTime.map { .number($0) }
        case .visitorDataExists: visits.hasStoredData.map { .flag($0) }
        case .bucketedIntoSegment: segments.map { .ids($0) }
        case .goalTriggered: goals.map { .ids($0) }
        case .localDayOfWeek: localTime.map { .number(Double($0.dayOfWeek)) }
        case .localHourOfDay: localTime.map { .number(Double($0.hour)) }
        case .localMinuteOfHour: localTime.map { .number(Double($0.minute)) }
        case .projectDayOfWeek: projectTime.map { .number(Double($0.dayOfWeek)) }
        case .projectHourOfDay: projectTime.map { .number(Double($0.hour)) }
        case .projectMinuteOfHour: projectTime.map { .number(Double($0.minute)) }
        case .javaScriptCondition, .bucketedIntoExperience, .bucketedIntoExperienceKey, .textAttribute,
            .numericAttribute, .booleanAttribute, .attribute:
            nil
        }
    }

    /// An attribute of the visitor or of the place.
    func attribute(_ key: String, in scope: RuleScope) -> JSONValue? {
        scope == .visitor ? attributes[ClientText(key)] : locationAttributes[ClientText(key)]
    }

    private func cookie(_ key: String?) -> FactValue? {
        guard let key, let cookies else { return nil }
        return cookies[ClientText(key)].map { .text($0) }
    }
}
