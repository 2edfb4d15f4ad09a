import Gateway
import HTTPTypes
import Identity

/// Reading stored data out needs a key that may export; other keys only send.
enum ReadingRight {
    /// - Throws: `APIError` 403.
    static func check(_ key: EnvironmentKey) throws(APIError) {
        try key.requireExports(
            orThrow: APIError(.forbidden, "This key may not read data out: it was made with can_export false."))
    }
}
