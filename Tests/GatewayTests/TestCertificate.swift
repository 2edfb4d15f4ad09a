import Foundation
import TestSupport

@testable import Gateway

/// A certificate for localhost that means nothing to anybody: it exists so that tests can speak TLS.
struct TestCertificate {
    private let folder: TemporaryFolder

    private static let chain = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATqgAwIBAgITdc+H8BV2OMOopCxqrublISDAOTAKBggqhkjOPQQDAjAU
        MRIwEAYDVQQDDAlsb2NhbGhvc3QwIBcNMjYxMTIxMDU0MjIzWhgPMjEyNjEwMjgw
        NTQyMjNaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49
        AwEHA0IABCF9KY0FZ7PnfR8lUUVJUyPsLzDmJmJGz3uGnOVYi394YzOYHgxWPUIr
        iN6DLR4+nFyX/QbMXPl2X6Kbz4u3nl6jaTBnMB0GA1UdDgQWBBQyCrA6w6qGKFbf
        JknB6rG11KXoWzAfBgNVHSMEGDAWgBQyCrA6w6qGKFbfJknB6rG11KXoWzAPBgNV
        HRMBAf8EBTADAQH/MBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAKBggqhkjOPQQDAgNJ
        ADBGAiEA4cymkzG6mSuuXaIO8ouzLWAX/zVPAspxVBVqtfscoAoCIQCb45OM4Ae4
        jp8XafFvhtoHsvMcDeuVKDHrEK2H295VMQ==
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggsSB+jw3sEGYp1Wo
        0PvzZWnrQt8LgGC1TDQMCjqwVIahRANCAAQhfSmNBWez530fJVFFSVMj7C8w5iZi
        Rs97hpzlWIt/eGMzmB4MVj1CK4jegy0ePpxcl/0GzFz5dl+im8+Lt55e
        -----END PRIVATE KEY-----
        """

    /// Writes the files; they go with the last copy of this value.
    init() throws {
        folder = try TemporaryFolder()
        try Data(Self.chain.utf8).write(to: URL(filePath: folder.file("chain.pem")))
        try Data(Self.key.utf8).write(to: URL(filePath: folder.file("key.pem")))
    }

    var tls: ListenAddress.TLS {
        get throws {
            try ListenAddress.TLS(
                certificatePath: folder.file("chain.pem"),
                keyPath: folder.file("key.pem"))
        }
    }
}
