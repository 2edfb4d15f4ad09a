import Events
import Gateway
import HTTPTypes
import Identity

/// Imports and bulk jobs, beyond what the vendor's interface has of them.
struct UploadsController: Sendable {
    let uploads: UploadService

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("cancelUpload", allow: .manage) { key, request in
            let id = try request.path("job_id")
            switch try await uploads.cancel(id, environmentID: key.environmentID) {
            case .cancelled: return .noContent
            case .ended: throw APIError(.conflict, "The job has ended already.")
            case .unknown: throw APIError.notFound("There is no import or bulk job of this id.")
            }
        }
    }
}
