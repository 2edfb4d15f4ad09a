import JSON

@testable import Events

/// Uploaded files in their three formats.
struct CSVSubject: FuzzSubject {
    let samples: [[UInt8]] = .texts([
        "user_id,event_name,screen_width,metadata\r\nann,paid,1920,\"{\"\"a\"\":1}\"\r\nbob,,x,\r\n",
        "\u{FEFF}a,b\n\"x,\ny\",\"\"\"\"\n\n1\n1,2,3\n\"open", "a\r\n\r\n1\r2", "\"a\"b,c\n\"1\"2,3",
        #"{"users":[{"user_id":"a"},1,null]}"#, "{\"user_id\":\"a\"}\n\nnull\n{\"user_id\":",
    ])
    let tokens: [[UInt8]] = .texts([
        ",", "\"", "\"\"", "\r\n", "\n", "\r", "metadata", "screen_width", "{}", "\"{\"\"a\"\":1}\"", "user_id",
        "\u{FEFF}",
    ])

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        let format = random.pick([UploadedRows.Format.csv, .csv, .csv, .json, .ndjson])
        let rows: UploadedRows
        do {
            rows = try UploadedRows(input, format: format, list: "users")
        } catch {
            return "\(format) \(error.reason) \(error.field)"
        }
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
            try require(good + bad <= input.count, "more rows than bytes")
        }
        return "\(format) \(min(good, 3)) \(min(bad, 3))"
    }
}
