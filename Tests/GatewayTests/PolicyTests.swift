import Contract
import HTTPTypes
import Identity
import Testing

@testable import Gateway

/// What keys of environments may do, how policies are joined, and what a surface must have to be built.
@Suite struct PolicyTests {
    private static let yaml = """
        openapi: 3.0.3
        info: {title: Other, version: '1'}
        servers: [{url: 'https://host.example/other'}]
        paths:
          /x/{id}:
            parameters: [{name: id, in: path, required: true, schema: {type: string}}]
            get: {operationId: getX, responses: {'200': {description: it}}}
        """

    private func builder(_ authenticators: [any Authenticator]) throws -> SurfaceBuilder<Void> {
        SurfaceBuilder(
            contract: try ContractDocument(yaml: Array(Self.yaml.utf8), name: "other"), errors: .sextant, source: (),
            accepting: authenticators, unrecognized: { _ in TokenAuthentication.missing })
    }

    private func head(_ headers: HTTPFields = [:]) -> RequestHead {
        RequestHead(
            method: .get, authority: nil, headers: headers, path: PathParameters(items: [("id", "1")]), requestID: "")
    }

    private func status(_ policy: Policy<Void, EnvironmentKey>, allowsExports: Bool) async -> Int? {
        do {
            _ = try await policy.prove(.environmentKey(.example(allowsExports: allowsExports)), head(), in: ())
            return nil
        } catch {
            return (error as? APIError)?.status.code
        }
    }

    @Test func keysThatOnlySendMayDoNothingElse() async {
        for policy in [Policy<Void, EnvironmentKey>.read, .manage] {
            #expect(await status(policy, allowsExports: false) == 403)
            #expect(await status(policy, allowsExports: true) == nil)
        }
        #expect(await status(.send, allowsExports: false) == nil)
        #expect(await status(.send, allowsExports: true) == nil)
    }

    @Test func otherCallersAreNotLetIn() async {
        for caller in [Principal.stranger, .reportToken, .sdkKey(.example, showsSecret: true)] {
            await #expect(throws: APIError.self) {
                try await Policy<Void, EnvironmentKey>.send.prove(caller, head(), in: ())
            }
        }
    }

    @Test func ofTwoPoliciesEachDecidesAboutItsOwnCallers() async throws {
        let either = Policy<Void, Int>("one", for: [.environmentKey]) { _, _, _ in 1 }
            .or(
                Policy("two", for: [.environmentKey, .stranger]) { _, _, _ in
                    2
                } permit: { _, _ in
                    throw APIError.wrongCaller
                })
        #expect(either.name == "one or two" && either.kinds == [.environmentKey, .stranger])
        #expect(try await either.prove(.environmentKey(.example(allowsExports: false)), head(), in: ()) == 1)
        await #expect(throws: APIError.self) { try await either.prove(.stranger, head(), in: ()) }
    }

    @Test func aPolicyWhoseCallersNothingRecognisesIsNotBuilt() throws {
        var surface = try builder([])
        surface.on("getX", allow: .send) { _, _ in .noContent }
        #expect(throws: SurfaceError.self) { try surface.build() }
    }

    @Test func aHandlerOfNothingIsNotBuilt() throws {
        var surface = try builder([StrangerAuthentication()])
        surface.on("getY", allow: Policy<Void, Void>("all", for: [.stranger]) { _, _, _ in }) { _, _ in .noContent }
        #expect(throws: SurfaceError.self) { try surface.build() }
    }

    /// Others are not asked, so that nothing is looked up for what could not let the caller in anyway.
    @Test func onlyThoseAreAskedWhoseCallersThePolicyTakes() async throws {
        var surface = try builder([Unasked(), StrangerAuthentication(withoutAuthorization: true)])
        surface.on("getX", allow: Policy<Void, Void>("all", for: [.stranger]) { _, _, _ in }) { _, _ in .noContent }
        let endpoint = try #require(try surface.build().endpoints["getX"])
        guard case .proved(.stranger) = try await endpoint.authenticate(head()) else {
            Issue.record("no stranger")
            return
        }
        await #expect(throws: APIError.self) { try await endpoint.authenticate(head([.authorization: "Token x"])) }
    }

    @Test func theMatrixNamesWhomAPolicyLetsIn() throws {
        var surface = try builder([StrangerAuthentication(), Unasked()])
        surface.on("getX", allow: .manage) { _, _ in .noContent }
        let line = try #require(try surface.build().access.first)
        #expect(line.policy == "manage" && line.callers == ["environment-key"])
    }
}

private struct Unasked: Authenticator {
    var kind: Principal.Kind { .environmentKey }

    func authenticate(_ head: RequestHead) -> Evidence? {
        Issue.record("asked")
        return nil
    }
}
