import BlobStore
import EventStore
public import JSON
public import Jobs

/// What an export job carries: the request, and whose events it is about.
public struct ExportOrder: JobPayload {
    let request: ExportRequest
    let stream: EventStream
    let environmentName: String

    static let jobKind = "export"
    static let manifestName = "manifest.json"

    init(request: ExportRequest, stream: EventStream, environmentName: String) {
        self.request = request
        self.stream = stream
        self.environmentName = environmentName
    }

    public var json: JSONValue {
        [
            "request": request.json, "environment_id": .integer(stream.environmentID),
            "project_id": .integer(stream.projectID), "app_token": .string(stream.appToken),
            "environment_name": .string(environmentName),
        ]
    }

    public init?(_ job: Job) { self.init(json: job.payload) }

    init?(json payload: JSONValue) {
        guard let request = payload["request"].flatMap(ExportRequest.init(json:)),
            let environmentID = payload["environment_id"]?.int64, let projectID = payload["project_id"]?.int64,
            let appToken = payload["app_token"]?.string
        else { return nil }
        self.request = request
        stream = EventStream(environmentID: environmentID, projectID: projectID, appToken: appToken)
        environmentName = payload["environment_name"]?.string ?? ""
    }

    static func folder(jobID: String) throws -> BlobKey {
        try BlobKey("exports/\(jobID)")
    }

    static func blobKey(jobID: String, fileName: String) throws -> BlobKey {
        try folder(jobID: jobID).appending(fileName)
    }
}
