/// The media types of the files that the server writes, by the end of their names.
public enum BlobContentType {
    /// The media type of a file called `fileName`; `application/octet-stream` when its ending says nothing.
    /// A compressed file is `application/gzip` whatever is inside.
    public static func of(fileName: String) -> String {
        let ending = fileName.lastIndex(of: ".").map { fileName[fileName.index(after: $0)...].lowercased() }
        return switch ending {
        case "json": "application/json"
        case "ndjson", "jsonl": "application/x-ndjson"
        case "csv": "text/csv; charset=utf-8"
        case "parquet": "application/vnd.apache.parquet"
        case "avro": "avro/binary"
        case "gz": "application/gzip"
        case "zip": "application/zip"
        case "txt": "text/plain; charset=utf-8"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        default: "application/octet-stream"
        }
    }
}
