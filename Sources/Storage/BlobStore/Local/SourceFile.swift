import Foundation
import NIOPosix

/// The finished local file handed to ``BlobStore/publish(fileAt:as:contentType:known:)``.
enum SourceFile {
    /// Opens it and checks that it is as large as the caller says.
    /// - Throws: ``BlobStoreError/unusableSource(path:reason:)``.
    static func open(_ path: String, known: StoredBlob?) async throws -> OpenFile {
        try await NIOThreadPool.singleton.runIfActive {
            let file: OpenFile
            do throws(FileAccessError) {
                file = try OpenFile(path: path)
            } catch {
                throw BlobStoreError.unusableSource(path: path, reason: error.reason)
            }
            if let known, known.size != file.size {
                throw BlobStoreError.unusableSource(
                    path: path, reason: "it has \(file.size) bytes, not \(known.size) as was said")
            }
            return file
        }
    }

    /// Removes it once the store has its own copy.
    static func remove(_ path: String) async throws {
        try await NIOThreadPool.singleton.runIfActive {
            guard unlink(path) == 0 || errno == ENOENT else {
                throw BlobStoreError.disk(operation: "remove", path: path, code: errno)
            }
        }
    }
}
