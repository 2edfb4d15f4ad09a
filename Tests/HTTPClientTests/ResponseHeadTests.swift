import Testing

@testable import HTTPClient

struct ResponseHeadTests {
    private func head(_ lines: String...) -> ResponseHead {
        var head = ResponseHead()
        for line in lines { head.take(line) }
        return head
    }

    @Test func linesMakeAHead() {
        let head = head("HTTP/1.1 206 Partial Content", "ETag:  \"a b\" \t", "no colon", "Empty:", "")
        #expect(head.isComplete && head.status == 206)
        #expect(head.headers.map(\.name) == ["ETag", "Empty"])
        #expect(head.headers.map(\.value) == ["\"a b\"", ""])
    }

    @Test func interimAnswersArePassedOver() {
        let head = head("HTTP/1.1 100 Continue", "A: 1", "", "HTTP/1.1 200 OK", "B: 2", "")
        #expect(head.isComplete && head.status == 200)
        #expect(head.headers.map(\.name) == ["B"])
    }

    @Test func whatComesAfterTheHeadIsNoPartOfIt() {
        let head = head("HTTP/1.1 200 OK", "", "Trailer: 1", "HTTP/1.1 500 No", "")
        #expect(head.status == 200 && head.headers.isEmpty)
    }

    @Test func aHeadWithoutAStatusIsNone() {
        #expect(!head("HTTP/1.1", "A: 1", "").isComplete)
        #expect(!head("A: 1", "").isComplete)
    }
}
