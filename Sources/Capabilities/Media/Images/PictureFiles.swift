public import BlobStore
import Foundation
import NIOPosix

/// Where the bytes of pictures are.
public struct PictureFiles: Sendable {
    public let blobs: any BlobStore
    private let workingDirectory: String

    /// - Parameter workingDirectory: where a picture is put together before it is stored.
    public init(blobs: any BlobStore, workingDirectory: String) {
        self.blobs = blobs
        self.workingDirectory = workingDirectory
    }

    /// Stores the picture; it is there when this returns.
    public func publish(_ picture: Picture, as key: BlobKey) async throws {
        let path = "\(workingDirectory)/image-\(UUID().uuidString)"
        do {
            try await NIOThreadPool.singleton.runIfActive {
                try Data(picture.bytes).write(to: URL(fileURLWithPath: path))
            }
            _ = try await blobs.publish(fileAt: path, as: key, contentType: picture.format.contentType)
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }
}
