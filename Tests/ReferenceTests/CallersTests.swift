import Testing

@testable import Reference

@Suite struct CallersTests {
    @Test(arguments: [
        (["environment-key"], "keys of an environment that may read", Credential.environmentKey),
        (["environment-key", "environment-key:send"], "every key of an environment", .environmentKey),
        (["gainsight-key"], "Gainsight PX keys that may read", .gainsightKey),
        (
            ["convert-key:edit", "convert-key:admin:project", "user:edit"],
            "account keys with the role edit or a higher one; people who are logged in, with the role edit or a higher one",
            .accountKey
        ),
        (["user:browse", "user:nothing"], "people who are logged in", .session),
        (["sdk-key"], "SDK keys, with their secret where they have one", .sdkSecret),
        (["sdk-key", "sdk-key:without-secret"], "whoever has an SDK key", .none),
        (["stranger"], "anybody, without a key", .none),
    ])
    func callersAreToldInASentence(names: [String], phrase: String, credential: Credential) {
        let callers = Callers(names: names)
        #expect(callers.phrase == phrase)
        #expect(callers.credential == credential)
    }

    @Test func nothingIsSaidOfNobody() {
        #expect(Callers(names: []).phrase == nil)
    }
}
