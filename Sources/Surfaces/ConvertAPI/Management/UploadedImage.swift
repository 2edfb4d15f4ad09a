import Gateway
import HTTPTypes
import Images

/// The picture in a form that was sent.
struct UploadedImage {
    let bytes: [UInt8]
    private let form: MultipartForm
    private let body: [UInt8]

    /// Room for the form around the largest image.
    static let maximumFormBytes = Picture.maximumBytes + 64 * 1_024

    init(_ request: OperationRequest) throws(APIError) {
        guard case .bytes(let body, _, let contentType) = request.body,
            let boundary = MultipartForm.boundary(of: contentType),
            let form = try? MultipartForm(body, boundary: boundary)
        else { throw APIError.invalid("image", "The body must be a form with the file image.") }
        guard let image = form["image"] else { throw APIError.invalid("image", "image is required.") }
        bytes = Array(body[image.range])
        self.form = form
        self.body = body
    }

    /// Another field of the form.
    func text(_ field: String) -> String? {
        form[field].map { String(decoding: body[$0.range], as: UTF8.self) }
    }

    /// What is wrong with the picture, as an error of the field that holds it.
    static func namingField<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch ImageError.tooMany(let limit, let seconds) {
            throw APIError(
                .tooManyRequests, ImageError.tooMany(perHour: limit, retryAfterSeconds: seconds).description,
                headers: [.retryAfter: "\(seconds)"])
        } catch ImageError.noProject {
            throw APIError.notFound(ImageError.noProject.description)
        } catch let error as ImageError {
            throw APIError.invalid("image", error.description)
        }
    }
}
