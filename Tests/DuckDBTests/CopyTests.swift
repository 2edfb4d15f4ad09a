import DuckDB
import Foundation
import TestSupport
import Testing

@Suite struct CopyTests {
    @Test(arguments: ["parquet", "csv", "json", "avro"])
    func copiedRowsReadBackTheSame(format: String) throws {
        let folder = try TemporaryFolder()
        let connection = try memory()
        try connection.execute(
            """
            CREATE TABLE t AS SELECT range AS n, 'text ' || range AS s, range / 4.0 AS d,
                CASE WHEN range % 3 = 0 THEN NULL ELSE 'a, "quoted" é' END AS q FROM range(10000)
            """)
        if format == "avro" {
            let path = try #require(Engine.avroExtensionPath, "run scripts/bootstrap")
            try connection.execute("LOAD '\(path)'")
        }
        let file = folder.file("t.\(format)")
        #expect(try connection.execute("COPY t TO '\(file)' (FORMAT \(format))", []) == 10000)
        let reader =
            ["parquet": "read_parquet", "csv": "read_csv", "json": "read_json", "avro": "read_avro"][format] ?? ""
        let both = "SELECT n, s, d, q FROM t EXCEPT SELECT n, s, d, q FROM \(reader)('\(file)')"
        #expect(try connection.integer("SELECT count(*) FROM (\(both))") == 0)
        #expect(try connection.integer("SELECT count(*) FROM \(reader)('\(file)')") == 10000)
    }
}
