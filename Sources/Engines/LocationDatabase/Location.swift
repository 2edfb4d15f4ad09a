/// Where an address is, as far as a database says. Names are English.
public struct Location: Sendable, Equatable {
    public var countryName: String?
    /// ISO 3166-1, two letters.
    public var countryCode: String?
    /// The largest part of the country that the address is in.
    public var stateName: String?
    /// ISO 3166-2, without the country.
    public var stateCode: String?
    /// A part of the state, where the database knows one.
    public var regionName: String?
    public var city: String?
    public var postalCode: String?
    public var continent: String?
    /// Of the IANA database, such as `Europe/Zurich`.
    public var timeZone: String?
    /// In degrees; nil where either is missing or out of its range.
    public var coordinates: Coordinates?

    public struct Coordinates: Sendable, Equatable {
        public let latitude: Double
        public let longitude: Double

        /// Nil for what is no place on earth.
        init?(latitude: Double, longitude: Double) {
            guard (-90...90).contains(latitude), (-180...180).contains(longitude) else { return nil }
            self.latitude = latitude
            self.longitude = longitude
        }
    }

    /// Whether nothing is known.
    public var isEmpty: Bool { self == Location() }
}
