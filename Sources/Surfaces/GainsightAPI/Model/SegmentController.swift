import Gateway
import HTTPTypes
import Identity
import JSON
import People

/// The segments of an environment, by their names.
struct SegmentController: Sendable {
    let segments: SegmentStore

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listSegments", allow: .readOfGainsight) { key, request in
            let page = try NumberedPage(request, standardSize: 25)
            let (found, total) = try await segments.page(
                environmentID: key.environmentID, offset: page.offset, limit: page.size)
            return .json(page.json("segments", found.map(Self.json), total: total))
        }
        surface.on("getSegment", allow: .readOfGainsight) { key, request in
            let text = try request.path("segmentId")
            guard let id = Int64(text),
                let segment = try await segments.segment(id, environmentID: key.environmentID)
            else { throw APIError.notFound("Segment was not found for parameters {id=\(text)}") }
            return .json(Self.json(segment))
        }
    }

    private static func json(_ segment: Segment) -> JSONValue {
        ["id": .string("\(segment.id)"), "name": .string(segment.title)]
    }
}
