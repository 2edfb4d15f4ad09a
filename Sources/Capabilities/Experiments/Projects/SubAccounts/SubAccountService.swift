public import ControlStore
import Identity
public import JSON
import ProjectDocuments
public import Resources
public import Time

/// Accounts that belong to another one, with people and projects of their own (contract operation `createSubAccount`).
public struct SubAccountService: Sendable {
    private let store: ControlStore
    private let mails: any SubAccountMails
    private let clock: WallClock
    private let plans: AccountPlans

    /// Of one account.
    static let maximumCount = 100
    private static let passwordSeconds: Int64 = 7 * 86_400

    /// - Parameters:
    ///   - mails: writes to the owners.
    ///   - plans: what accounts may use, and so those under them.
    public init(
        store: ControlStore, mails: any SubAccountMails, clock: WallClock, plans: AccountPlans = AccountPlans()
    ) {
        self.store = store
        self.plans = plans
        self.mails = mails
        self.clock = clock
    }

    /// Makes an account under another one. Its owner is who has the address of the body, and is given a login where there is none.
    /// - Returns: the account's id.
    /// - Throws: `ExperimentsError`.
    public func create(_ body: JSONObject, parentID: Int64, author: ChangeAuthor) async throws -> Int64 {
        let name = body["name"]?.string ?? ""
        let email = body["userEmail"]?.string ?? ""
        let ownerName = body["userName"]?.string ?? ""
        guard name.contains(where: { !$0.isWhitespace }) else {
            throw ExperimentsError.invalid("name", "name must not be empty.")
        }
        guard User.isEmailAddress(email) else {
            throw ExperimentsError.invalid(
                "userEmail", "userEmail must be an e-mail address, in ASCII (domains as xn--).")
        }
        guard ownerName.unicodeScalars.count <= Self.maximumNameLength else {
            throw ExperimentsError.invalid(
                "userName", "userName may have \(Self.maximumNameLength) characters at most.")
        }
        if let fault = User.nameFault(ownerName) { throw ExperimentsError.invalid("userName", "userName \(fault)") }
        try BlockedAddresses.check(AccountDocument(body).blockedIPs, in: "settings")
        let now = clock.now
        let hasLogin = try await store.read { try User.fetch(email: email, from: $0) != nil }
        let password = hasLogin ? nil : SecretToken.make(prefix: "")
        var passwordHash: String?
        if let password { passwordHash = try await PasswordHash.make(password) }
        return try await store.write { [passwordHash] database in
            try check(body, under: parentID, at: now, in: database)
            var owner = try User.fetch(email: email, from: database)
            if owner == nil {
                guard let password, let passwordHash else {
                    throw ExperimentsError.conflict("The login of the owner has just changed. Try again.")
                }
                owner = try User.add(
                    email: email, firstName: ownerName, lastName: "", passwordHash: passwordHash,
                    expiresAt: now.adding(seconds: Self.passwordSeconds), at: now, in: database)
                try mails.sendPassword(password, to: email, account: name, in: database)
            }
            guard let owner else { throw ExperimentsError.conflict("The login of the owner is gone. Try again.") }
            let id = try Account.add(
                name: name, parentID: parentID, settings: StoredDocument.text(Self.kept(of: body)), at: now,
                in: database)
            try Accesses(everywhere: .owner).store(ofUser: owner.id, in: id, at: now, database)
            if body["sendUserEmail"]?.bool ?? false {
                try mails.sendOwnership(
                    of: name, to: owner.email, by: author.name, message: body["customEmailText"]?.string, in: database)
            }
            try ChangeLog(accountID: parentID, projectID: nil, author: author, now: now).record(
                "create", "account", id: id, old: nil,
                new: JSONObject([
                    ("accountType", "sub"), ("name", .string(name)), ("userEmail", .string(owner.email)),
                ]), in: database)
            return id
        }
    }

    private static let maximumNameLength = 200

    private func check(
        _ body: JSONObject, under parentID: Int64, at now: Timestamp, in database: Database
    ) throws {
        guard let parent = try Account.settings(of: parentID, from: database) else {
            throw ExperimentsError.notFound("There is no account \(parentID).")
        }
        guard try Account.parentID(of: parentID, from: database) == nil else {
            throw ExperimentsError.conflict("A sub-account has no sub-accounts of its own.")
        }
        guard try Account.children(of: parentID, from: database).count < Self.maximumCount else {
            throw ExperimentsError.conflict("An account has \(Self.maximumCount) sub-accounts at most.")
        }
        let plan = try plans.plan(of: parentID, at: now, from: database).plan
        try UsageLimits.check(
            UsageLimits.of(.object(body)),
            within: plan?["usageLimits"] ?? UsageLimits.of(try JSONValue(stored: parent.settings)))
    }

    /// The members of a body that are stored.
    private static func kept(of body: JSONObject) -> JSONValue {
        let plan = JSONObject(
            ["product", "usageLimits"].compactMap { name in
                UsageLimits.plan(of: .object(body))?[name].map { (name, $0) }
            })
        var kept: JSONValue = ["billing": ["products": ["experiences": ["plan": .object(plan)]]]]
        let settings = ["blocked_ips", "tracking_script"].compactMap { name in
            body["settings"]?[name].map { (name, $0) }
        }
        if !settings.isEmpty { kept["settings"] = .object(JSONObject(settings)) }
        return kept
    }
}

/// Writes to the owners of sub-accounts. Answered by the room that mails; within the transaction.
public protocol SubAccountMails: Sendable {
    /// - Parameters:
    ///   - password: of a login that was just made; good for seven days, and to be changed at the first login.
    ///   - account: the account's name.
    func sendPassword(_ password: String, to email: String, account: String, in database: Database) throws

    /// - Parameters:
    ///   - account: the name of the account that is theirs from now on.
    ///   - author: the name of who has made it.
    ///   - message: what they say; nil for nothing.
    func sendOwnership(
        of account: String, to email: String, by author: String, message: String?, in database: Database) throws
}
