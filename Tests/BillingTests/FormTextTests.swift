import Testing

@testable import Billing

struct FormTextTests {
    @Test(
        arguments: [
            ([], ""), ([("a", "b")], "a=b"), ([("a", ""), ("b", "c")], "a=&b=c"),
            (
                [("metadata[account_id]", "A&B = 100% ü\n+")],
                "metadata%5Baccount_id%5D=A%26B%20%3D%20100%25%20%C3%BC%0A%2B"
            ),
            ([("x", "-._~")], "x=-._~"),
        ] as [([(name: String, value: String)], String)]) func `all that could mean something is escaped`(
            fields: [(name: String, value: String)], form: String
        )
    {
        #expect(String(decoding: FormText.encode(fields), as: UTF8.self) == form)
    }

    @Test(arguments: ["cus_1", "c"]) func `names of the provider's are visible`(name: String) {
        #expect(StripeClient.isIdentifier(name))
    }

    @Test(arguments: ["", "cus 1", "cus\n", "cüs", String(repeating: "c", count: 256)]) func `others are none`(
        name: String
    ) {
        #expect(!StripeClient.isIdentifier(name))
    }
}
