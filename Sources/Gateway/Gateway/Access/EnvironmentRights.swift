public import Contract
import HTTPTypes
public import Identity

/// Which right each operation needs that keys of environments call: the one table of them. `sextant routes --rights`
/// prints it, and a test tries every line of it with every kind of key.
public enum EnvironmentRights {
    /// By the name of the contract and the operation's id.
    private static let table: [String: [EnvironmentRight: [String]]] = [
        "userpilot": [
            .send: [
                "identifyUser", "trackEvent", "identifyCompany", "bulkIdentifyUsers", "bulkIdentifyCompanies",
                "importEvents", "listBackgroundJobs", "getBackgroundJob", "probeUsers", "validateKey",
            ],
            .read: [
                "triggerExport", "listExportJobs", "getExportJob", "lookupUserProperties", "lookupCompanyProperties",
                "lookupSegments", "lookupFeaturesEvents", "lookupEventsProperties", "lookupFlows", "lookupBanners",
                "lookupEmbeds", "lookupSpotlights", "lookupSurveys", "lookupResourceCenterModules", "lookupChecklists",
            ],
            .manage: ["deleteUsers", "deleteCompanies"],
        ],
        "sextant": [
            .send: ["ingestEvents", "measureNothing", "decide"],
            .read: [
                "listRejections", "runQuery", "describeTables", "listEnvironments", "listSegments", "getSegment",
                "listSegmentMembers", "listContent", "getContent", "listExclusions", "getUser", "getCompany",
                "listSetAside",
            ],
            .manage: [
                "createEnvironment", "listKeys", "createKey", "revokeKey", "createSegment", "updateSegment",
                "deleteSegment", "createContent", "updateContent", "deleteContent", "addExclusions", "removeExclusions",
                "updateProperty", "retrySetAside", "dismissSetAside",
            ],
            .account: ["createProjectKey"],
        ],
    ]

    /// The right that an operation needs; nil for one that the table does not have, which no key may call.
    public static func needed(for operation: ContractOperation) -> EnvironmentRight? {
        table[operation.document]?.first { $0.value.contains(operation.operationId) }?.key
    }

    /// The operations of a contract that the table names.
    static func operations(of contract: String) -> [String] {
        (table[contract] ?? [:]).values.flatMap(\.self)
    }

    /// What a key of an environment, or a Convert key that may not be used so, is answered by what needs one.
    public static let needsConvertKey = APIError(
        .unauthorized,
        "Authorization must be \"Bearer APPLICATION_ID:SECRET\", of a Convert key that may use its secret this way.")

    /// Opens operations to pages, for keys that may only send: whoever opens a page has its key.
    /// - Parameter origins: whose pages, by the key's project.
    public static func pages(
        _ operations: [String], origins: @escaping @Sendable (_ projectID: Int64) async throws -> AllowedOrigins
    ) -> PageAccess<EnvironmentKey> {
        PageAccess(
            isOpen: { operations.contains($0.operationId) },
            admit: { key in
                guard !key.allowsExports else { throw notForPages }
            }, origins: { key, _ in try await origins(key.projectID) })
    }

    private static let notForPages = APIError(
        .forbidden,
        "This key may read data, so it has no place in a page, whose visitors all have it. Use one that may only send (made with can_export false)."
    )

    /// What has a key tried against the right that an operation needs; nil where every key will do.
    public static func permission(
        for operation: ContractOperation
    ) -> (@Sendable (EnvironmentKey) throws -> Void)? {
        let right = needed(for: operation)
        switch right {
        case .send: return nil
        case .account: return { _ in throw needsConvertKey }
        case .read, .manage, nil:
            let refusal = APIError(
                .forbidden,
                "This needs a key with the right to \(right?.rawValue ?? "do this"); this one may only send events and profiles (it was made with can_export false)."
            )
            return { key in
                guard right != nil, key.allowsExports else { throw refusal }
            }
        }
    }
}
