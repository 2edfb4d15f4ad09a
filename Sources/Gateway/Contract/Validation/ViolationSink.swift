import JSON

/// Where a validation puts what it finds. Generic code over this is compiled once for speed and once for explanation.
protocol ViolationSink {
    /// Takes a finding; returns whether to go on looking.
    mutating func report(_ keyword: @autoclosure () -> String, _ message: @autoclosure () -> String) -> Bool
    /// The same for a member that is missing or must not be there.
    mutating func report(
        _ keyword: @autoclosure () -> String, member: @autoclosure () -> String, _ message: @autoclosure () -> String
    ) -> Bool
    mutating func enter(_ component: @autoclosure () -> JSONPathComponent)
    mutating func leave()
    /// Where findings about alternatives can be gathered before it is known which one was meant; nil if nobody asks.
    func makeCollector() -> ViolationCollector?
    mutating func take(_ violations: [Violation]) -> Bool
    /// Whether values were text before, as parameters are.
    var isFromText: Bool { get }
}

/// Only remembers that something is wrong.
struct FirstViolation: ViolationSink {
    private(set) var isViolated = false

    mutating func report(_ keyword: @autoclosure () -> String, _ message: @autoclosure () -> String) -> Bool {
        isViolated = true
        return false
    }

    mutating func report(
        _ keyword: @autoclosure () -> String, member: @autoclosure () -> String, _ message: @autoclosure () -> String
    ) -> Bool {
        isViolated = true
        return false
    }

    mutating func enter(_ component: @autoclosure () -> JSONPathComponent) {}
    mutating func leave() {}
    func makeCollector() -> ViolationCollector? { nil }

    mutating func take(_ violations: [Violation]) -> Bool {
        isViolated = true
        return false
    }

    var isFromText: Bool { false }
}

/// Gathers findings, up to a limit.
struct ViolationCollector: ViolationSink {
    static let limit = 50

    let location: Violation.Location
    private(set) var path: [JSONPathComponent]
    private(set) var violations: [Violation] = []

    init(location: Violation.Location, path: [JSONPathComponent]) {
        self.location = location
        self.path = path
    }

    mutating func report(_ keyword: @autoclosure () -> String, _ message: @autoclosure () -> String) -> Bool {
        take([Violation(location: location, path: path, keyword: keyword(), message: message())])
    }

    mutating func report(
        _ keyword: @autoclosure () -> String, member: @autoclosure () -> String, _ message: @autoclosure () -> String
    ) -> Bool {
        take([
            Violation(location: location, path: path + [.key(member())], keyword: keyword(), message: message())
        ])
    }

    mutating func enter(_ component: @autoclosure () -> JSONPathComponent) { path.append(component()) }
    mutating func leave() { path.removeLast() }
    func makeCollector() -> ViolationCollector? { ViolationCollector(location: location, path: path) }

    mutating func take(_ violations: [Violation]) -> Bool {
        for violation in violations where !self.violations.contains(violation) {
            guard self.violations.count < Self.limit else { return false }
            self.violations.append(violation)
        }
        return self.violations.count < Self.limit
    }

    var isFromText: Bool { location != .body }
}
