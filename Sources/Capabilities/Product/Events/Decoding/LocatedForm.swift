public import EventStore
import InternetAddress
public import JSON
public import LocationDatabase

/// A form whose events of users carry where the user's address is: the one that the event names, else, where a page sent it,
/// the one that the call came from. Addresses themselves are not kept.
public struct LocatedForm: EventForm {
    private let form: any EventForm
    private let databases: LocationDatabases

    public init(_ form: any EventForm, databases: LocationDatabases) {
        self.form = form
        self.databases = databases
    }

    public func unknownMembers(of object: JSONNode) -> [JSONNode] { form.unknownMembers(of: object) }

    public func suggestion(for name: String) -> String? { form.suggestion(for: name) }

    @discardableResult
    public func decode(
        _ object: JSONNode, _ call: EventCall, derivedEventID: String?, into builder: inout EventBatchBuilder
    ) throws(EventRejection) -> Int {
        let countBefore = builder.count
        let index = try form.decode(object, call, derivedEventID: derivedEventID, into: &builder)
        // Servers call from where they are, not from where their users are.
        let isFromPage = builder.source(at: index) == .webClient
        let named = form.address(in: object)?.string.flatMap { IPAddress($0) }
        guard let address = named ?? (isFromPage ? call.sender.address : nil),
            let location = databases.location(of: address)
        else { return index }
        let text = JSONValue.object(location.json).encodedString
        for row in countBefore..<builder.count
        where builder.withUTF8(of: .userID, at: row, { $0?.isEmpty == false }) {
            builder.set(.inferredLocation, to: text, at: row)
        }
        return index
    }
}

extension Location {
    /// What is known, by the names that Gainsight PX has for it.
    var json: JSONObject {
        var object = JSONObject()
        let texts = [
            ("countryName", countryName), ("countryCode", countryCode), ("stateName", stateName),
            ("stateCode", stateCode), ("city", city), ("postalCode", postalCode), ("continent", continent),
            ("regionName", regionName), ("timeZone", timeZone),
        ]
        for (name, text) in texts { object[name] = text.map { .string($0) } }
        object["coordinates"] = coordinates.map {
            ["latitude": .double($0.latitude), "longitude": .double($0.longitude)]
        }
        return object
    }
}
