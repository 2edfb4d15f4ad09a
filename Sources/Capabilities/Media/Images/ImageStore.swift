public import BlobStore
public import ControlStore
public import Time

/// A picture of a project, as it is listed.
public struct StoredImage: Sendable, Equatable {
    /// Names it in addresses; keys sort by when they were uploaded.
    public let key: String
    public let contentType: String
    public let sizeBytes: Int
}

/// The pictures of projects. Whoever knows an address may see the picture; it never changes under its key.
public struct ImageStore: Sendable {
    private let store: ControlStore
    private let files: PictureFiles
    private let clock: WallClock

    public init(store: ControlStore, files: PictureFiles, clock: WallClock) {
        self.store = store
        self.files = files
        self.clock = clock
    }

    /// Keeps a picture, an SVG without what could run or call out.
    /// - Parameter name: what its key ends with; characters that addresses cannot hold become hyphens.
    /// - Throws: ``ImageError``.
    public func add(_ bytes: [UInt8], name: String, projectID: Int64) async throws -> StoredImage {
        let now = clock.now
        // Before any work is done on it.
        try await checkRate(projectID, now)
        let picture = try await Picture.reading(bytes)
        let unique = String(UInt64(max(now.microseconds, 0)), radix: 16).leftPadded(to: 14)
        let salt = String(UInt16.random(in: .min ... .max), radix: 16).leftPadded(to: 4)
        let image = StoredImage(
            key: "\(unique)\(salt)-\(Self.fileName(name, picture.format))",
            contentType: picture.format.contentType, sizeBytes: picture.bytes.count)
        try await files.publish(picture, as: try blobKey(image.key, projectID))
        let listed = try await store.write { database in
            try database.executeUnlessOrphaned(
                sql:
                    "INSERT INTO images (project_id, key, content_type, size_bytes, created_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [projectID, image.key, image.contentType, image.sizeBytes, now])
        }
        guard listed != nil else {
            try await files.blobs.delete(try blobKey(image.key, projectID))
            throw ImageError.noProject
        }
        return image
    }

    /// The pictures of a project in the order of their keys.
    /// - Parameter after: only keys behind this one.
    public func list(projectID: Int64, after: String?, limit: Int) async throws -> [StoredImage] {
        try await store.read { database in
            try database.rows(
                sql: "SELECT * FROM images WHERE project_id = ? AND key > ? ORDER BY key LIMIT ?",
                arguments: [projectID, after ?? "", limit]
            ).map(StoredImage.init(row:))
        }
    }

    /// - Returns: false when the project has no such picture.
    public func delete(_ key: String, projectID: Int64) async throws -> Bool {
        let isDeleted = try await store.write { database in
            let count = try database.execute(
                sql: "DELETE FROM images WHERE project_id = ? AND key = ?", arguments: [projectID, key])
            return count > 0
        }
        if isDeleted { try await files.blobs.delete(try blobKey(key, projectID)) }
        return isDeleted
    }

    /// The picture and its content; nil when there is none.
    public func content(_ key: String, projectID: Int64) async throws -> (image: StoredImage, content: BlobContent)? {
        let image = try await store.read { database in
            try database.row(
                sql: "SELECT * FROM images WHERE project_id = ? AND key = ?", arguments: [projectID, key]
            ).map(StoredImage.init(row:))
        }
        guard let image else { return nil }
        return (image, try await files.blobs.read(try blobKey(key, projectID)))
    }

    /// Removes what is left of the pictures of a project that is no more.
    public func removeFiles(projectID: Int64) async throws {
        try await files.blobs.delete(prefix: try BlobKey("images/\(projectID)"))
    }

    private func blobKey(_ key: String, _ projectID: Int64) throws -> BlobKey {
        try BlobKey("images/\(projectID)/\(key)")
    }

    private func checkRate(_ projectID: Int64, _ now: Timestamp) async throws {
        let oldest = try await store.read { database in
            try database.value(
                Timestamp.self,
                sql: """
                    SELECT created_at FROM images WHERE project_id = ? AND created_at > ?
                    ORDER BY created_at DESC LIMIT 1 OFFSET ?
                    """,
                arguments: [projectID, UploadRate.start(now), UploadRate.perHour - 1])
        }
        try UploadRate.check(oldest, now)
    }

    /// Longest part of a key that comes from the name, in characters.
    private static let maximumNameLength = 200

    /// Letters, digits, `.`, `_` and `-` of the name, with an ending that says what the picture is.
    static func fileName(_ name: String, _ format: ImageFormat) -> String {
        let kept = name.unicodeScalars.map { scalar -> Character in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                || scalar == "." || scalar == "_" ? Character(scalar) : "-"
        }
        var stem = String(kept)
        let ending = stem.split(separator: ".", omittingEmptySubsequences: false).last.map { $0.lowercased() } ?? ""
        let suffix = format.extensions.contains(ending) ? "" : ".\(format.extensions[0])"
        stem = String(stem.suffix(maximumNameLength - suffix.count))
        return stem + suffix
    }
}

extension StoredImage {
    init(row: Row) throws {
        try self.init(
            key: row.read("key"), contentType: row.read("content_type"), sizeBytes: row.read("size_bytes"))
    }
}

extension String {
    fileprivate func leftPadded(to length: Int) -> String {
        String(repeating: "0", count: max(length - count, 0)) + self
    }
}
