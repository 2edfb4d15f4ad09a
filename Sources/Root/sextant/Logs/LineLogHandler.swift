import Foundation
import JSON
import Logging
import Metrics
import Time

/// Writes each event of the log as one line to standard error, for people or for programs.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let format: LogFormat

    init(label: String, format: LogFormat, level: Logger.Level) {
        self.label = label
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if event.level >= .warning { Self.count(event.level) }
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        let line =
            switch format {
            case .text: textLine(event, all)
            case .json: jsonLine(event, all)
            }
        Self.write(line + "\n")
    }

    private func textLine(_ event: LogEvent, _ metadata: Logger.Metadata) -> String {
        let pairs = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let text = "\(Self.localTime()) \(event.level) \(label):\(pairs) [\(event.source)] \(event.message)"
        // Whatever a client managed to have logged, it begins no line of ours.
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": line.append(contentsOf: "\\n".unicodeScalars)
            case _ where scalar.properties.generalCategory == .control: line.append("?")
            default: line.append(scalar)
            }
        }
        return String(line)
    }

    private func jsonLine(_ event: LogEvent, _ metadata: Logger.Metadata) -> String {
        let own = JSONObject([
            ("time", .string("\(WallClock.system.now)")), ("level", .string("\(event.level)")),
            ("logger", .string(label)), ("message", .string("\(event.message)")),
        ])
        let fields = metadata.sorted { $0.key < $1.key }.map { pair -> (String, JSONValue) in
            (own[pair.key] == nil ? pair.key : "field_\(pair.key)", Self.json(pair.value))
        }
        return JSONValue.object(JSONObject(own.members.map { ($0.key, $0.value) } + fields)).encodedString
    }

    private static func json(_ value: Logger.MetadataValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let number as Int): .integer(Int64(number))
        case .stringConvertible(let number as Double) where number.isFinite: .double(number)
        case .array(let values): .array(values.map(json))
        case .dictionary(let members):
            .object(JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }))
        default: .string("\(value)")
        }
    }

    /// In one piece, so that lines of several threads do not mix.
    private static func write(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let start = rest.baseAddress, !rest.isEmpty {
                let count = Foundation.write(STDERR_FILENO, start, rest.count)
                if count < 0, errno == EINTR { continue }
                // Nobody could be told.
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// As the machine's owner reads it, with the offset from UTC.
    private static func localTime() -> String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        let (sign, offset) = (parts.tm_gmtoff < 0 ? "-" : "+", abs(parts.tm_gmtoff) / 60)
        return String(
            format: "%04d-%02d-%02dT%02d:%02d:%02d%@%02d%02d", parts.tm_year + 1_900, parts.tm_mon + 1, parts.tm_mday,
            parts.tm_hour, parts.tm_min, parts.tm_sec, sign, offset / 60, offset % 60)
    }

    private static func count(_ level: Logger.Level) {
        Counter(label: "sextant_log_lines_total", dimensions: [("level", level.rawValue)]).increment()
    }
}

/// How the log is written.
enum LogFormat: String, CaseIterable {
    /// For people.
    case text
    /// An object a line, for programs that collect logs.
    case json
}
