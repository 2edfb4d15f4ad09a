import Contract
import HTTPTypes
import Testing

@testable import Gateway
@testable import Identity

@Suite struct EnvironmentRightsTests {
    private func key(allowsExports: Bool) -> EnvironmentKey {
        EnvironmentKey(
            keyID: 1, accountID: 1, projectID: 1, environmentID: 1, environmentName: "production",
            appToken: "NX-1", allowsExports: allowsExports)
    }

    @Test(arguments: ["userpilot", "sextant"])
    func everyOperationStandsInTheTableOnce(_ name: String) throws {
        let contract = try ContractDocument.load(name)
        #expect(EnvironmentRights.operations(of: name).sorted() == contract.operations.map(\.operationId).sorted())
    }

    @Test(arguments: ["userpilot", "sextant"])
    func keysThatOnlySendMayDoNothingElse(_ name: String) throws {
        for operation in try ContractDocument.load(name).operations {
            let permission = EnvironmentRights.permission(for: operation)
            let right = try #require(EnvironmentRights.needed(for: operation))
            func status(_ key: EnvironmentKey) -> Int? {
                do {
                    try permission?(key)
                    return nil
                } catch {
                    return (error as? APIError)?.status.code
                }
            }
            let expected: (sender: Int?, reader: Int?) =
                switch right {
                case .send: (nil, nil)
                case .read, .manage: (403, nil)
                case .account: (401, 401)
                }
            #expect(status(key(allowsExports: false)) == expected.sender, "\(operation.operationId)")
            #expect(status(key(allowsExports: true)) == expected.reader, "\(operation.operationId)")
        }
    }

    @Test func whatTheTableDoesNotHaveNobodyMay() throws {
        let yaml = """
            openapi: 3.0.3
            info: {title: Other, version: '1'}
            servers: [{url: 'https://host.example/other'}]
            paths:
              /x: {get: {operationId: ingestEvents, responses: {'200': {description: later}}}}
            """
        let contract = try ContractDocument(yaml: Array(yaml.utf8), name: "other")
        let permission = try #require(EnvironmentRights.permission(for: contract.operations[0]))
        #expect(throws: APIError.self) { try permission(key(allowsExports: true)) }
    }
}
