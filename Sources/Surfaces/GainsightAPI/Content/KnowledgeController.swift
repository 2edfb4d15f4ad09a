import Content
import Contract
import Gateway
import HTTPTypes
import Identity
import JSON
import Time

/// Articles of the knowledge centre, and the bots that show them.
struct KnowledgeController: Sendable {
    let content: ContentStore
    let environments: EnvironmentStore

    private static let standardSize = 200
    /// More bots than an environment has use for.
    private static let maximumBots = 1_000

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listArticles", allow: .readOfGainsight) { key, request in
            let bots = try await content.page(
                environmentID: key.environmentID, kinds: [.knowledgeCenterBot], limit: Self.maximumBots
            ).contents
            return try await page("articleExternalViewList", .article, key, request) { article, product in
                Self.json(article, product, bots)
            }
        }
        surface.on("listKcBots", allow: .readOfGainsight) { key, request in
            try await page("kcList", .knowledgeCenterBot, key, request, Self.json)
        }
    }

    /// What a key opens is one product.
    private typealias Product = (id: String, name: String)

    private func page(
        _ name: String, _ kind: ContentKind, _ key: EnvironmentKey, _ request: OperationRequest,
        _ json: (Content, Product) -> JSONValue
    ) async throws -> OperationResponse {
        let page = try NumberedPage(request, standardSize: Self.standardSize)
        let projects = try await environments.projects(accountID: key.accountID)
        let product = ("\(key.projectID)", projects.first { $0.id == key.projectID }?.name ?? "")
        if let wanted = request.query.string("productId"), wanted.utf8.elementsEqual(product.0.utf8) == false {
            return .json(page.json(name, [], total: 0))
        }
        let (found, total) = try await content.page(
            environmentID: key.environmentID, kinds: [kind], offset: page.offset, limit: page.size)
        return .json(page.json(name, found.map { json($0, product) }, total: total))
    }

    private static func json(_ article: Content, _ product: Product, _ bots: [Content]) -> JSONValue {
        let shownBy = (article.details["bots"]?.array ?? []).compactMap(\.int64)
        let centers = bots.filter { shownBy.contains($0.id) }.map { bot -> JSONValue in
            ["kcId": .string("\(bot.id)"), "kcName": .string(bot.title)]
        }
        let author = article.details["author"] ?? ""
        return [
            "id": .string("\(article.id)"), "articleName": .string(article.title), "author": author,
            "articleKCs": .array(centers), "createdDate": .integer(article.createdAt.milliseconds),
            "modifiedDate": .integer(article.updatedAt.milliseconds), "modifiedBy": ["id": "", "name": author],
            "productId": .string(product.id), "productName": .string(product.name),
            "releaseDate": article.details["release_date"] ?? .string(article.createdAt.formatted(.secondsUTC)),
            "viewType": "ARTICLE", "defaultLanguage": article.details["default_language"] ?? "",
            "languages": article.languages.json, "translationState": .string(article.languages.translationState),
        ]
    }

    private static func json(_ bot: Content, _ product: Product) -> JSONValue {
        let author: JSONValue = ["id": "", "name": bot.details["author"] ?? ""]
        return [
            "id": .string("\(bot.id)"), "name": .string(bot.title),
            "description": bot.details["description"] ?? "", "status": .string(bot.vendorState),
            "priority": bot.details["priority"] ?? 0,
            "environments": .array(bot.environments.map { .string($0.withCapital) }),
            "productId": .string(product.id), "productName": .string(product.name), "createdBy": author,
            "createdDate": .integer(bot.createdAt.milliseconds), "modifiedBy": author,
            "modifiedDate": .integer(bot.updatedAt.milliseconds),
            "defaultLanguage": bot.details["default_language"] ?? "", "languages": bot.languages.json,
        ]
    }
}
