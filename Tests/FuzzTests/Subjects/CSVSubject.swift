import JSON

@testable import Events

/// Uploaded files in the formats that are read here, as they are told apart.
struct CSVSubject: FuzzSubject {
    let samples: [[UInt8]] =
        .texts([
            "user_id,event_name,screen_width,metadata\r\nann,paid,1920,\"{\"\"a\"\":1}\"\r\nbob,,x,\r\n",
            "\u{FEFF}a,b\n\"x,\ny\",\"\"\"\"\n\n1\n1,2,3\n\"open", "a\r\n\r\n1\r2", "\"a\"b,c\n\"1\"2,3",
            #"{"users":[{"user_id":"a"},1,null]}"#, "{\"user_id\":\"a\"}\n\nnull\n{\"user_id\":",
        ]) + [Self.avro, Self.gzip]

    /// A column of two cells, by gzip(1).
    private static let gzip: [UInt8] = [
        0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3, 0x2B, 0x2D, 0x4E, 0x2D, 0x8A, 0xCF, 0x4C, 0xE1, 0x4A, 0xE4, 0x4A, 0xE2, 2,
        0, 0x24, 0x68, 0x89, 0x3B, 0x0C, 0, 0, 0,
    ]

    /// Two rows of a text and a list of numbers.
    private static let avro: [UInt8] = {
        let schema =
            #"{"type":"record","name":"r","fields":[{"name":"user_id","type":["null","string"]},"#
            + #"{"name":"metadata","type":{"type":"map","values":{"type":"array","items":"long"}}}]}"#
        let head: [UInt8] = Array("Obj".utf8) + [1, 2, 22] + Array("avro.schema".utf8)
        let length = schema.utf8.count * 2
        let marker = [UInt8](repeating: 7, count: 16)
        let row: [UInt8] = [2, 2, 0x61, 2, 2, 0x6B, 4, 2, 0x80, 1, 0, 0]
        return head + [UInt8(length & 0x7F) | 0x80, UInt8(length >> 7)] + Array(schema.utf8) + [0] + marker
            + [4, UInt8(row.count * 4)] + row + row + marker
    }()

    let tokens: [[UInt8]] = .texts([
        ",", "\"", "\"\"", "\r\n", "\n", "\r", "metadata", "screen_width", "{}", "\"{\"\"a\"\":1}\"", "user_id",
        "\u{FEFF}",
    ])

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        let source = UploadSource.bytes(input)
        // A mutated file may be taken for anything.
        let told = try? UploadedRows.Format(of: source, kind: .bulkUsers, fileName: "blob")
        let format = told ?? random.pick([UploadedRows.Format.csv, .csv, .csv, .json, .ndjson, .avro])
        let rows: UploadedRows
        do {
            rows = try UploadedRows(source, format: format, list: "users")
        } catch {
            return "\(format) \(error.reason) \(error.field)"
        }
        let pieces = source.pieces()
        var byteCount = 0
        while let piece = pieces.next() { byteCount += piece.count }
        var (good, bad, last) = (0, 0, 0)
        for row in rows {
            try require(row.number >= last, "rows go backwards")
            last = row.number
            switch row.result {
            case .success(let node):
                good += 1
                _ = node.value
            case .failure(let rejection):
                bad += 1
                try require(!rejection.message.isEmpty, "a rejection without words")
            }
            try require(good + bad <= max(byteCount, 1), "more rows than bytes")
        }
        return "\(format) \(min(good, 3)) \(min(bad, 3))"
    }
}
