import HTTPClient
import Testing

struct ServiceAddressTests {
    @Test(arguments: [
        ("https://api.example.com/v1", "https://api.example.com/v1/x"),
        ("https://api.example.com/v1/", "https://api.example.com/v1/x"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/x"), ("http://[::1]:80/a", "http://[::1]:80/a/x"),
    ]) func `paths follow the address`(address: String, whole: String) throws {
        let service = try #require(ServiceAddress(address, besides: []))
        let request = service.request("POST", "/x")
        #expect(request.url == whole && request.method == "POST")
    }

    @Test(arguments: [
        "", "api.example.com", "ftp://example.com", "https://", "https:///v1", "https://:80", "http://[]/",
        "https://user:password@example.com", "https://example.com/?a=b", "https://example.com#a",
        "https://example.com/ a", "https://exämple.com", "https://example.com\\@127.0.0.1",
    ]) func `what is more or less than an address of a service is none`(address: String) {
        #expect(ServiceAddress(address, besides: []) == nil)
    }

    @Test func `a machine is reached that is named by its number, no other of its network`() throws {
        #expect(
            try #require(ServiceAddress("http://10.1.2.3/", besides: [])?.request("GET", "").guardedNetworks).count == 1
        )
        #expect(
            try #require(ServiceAddress("http://localhost", besides: [])?.request("GET", "").guardedNetworks).count == 2
        )
        #expect(
            try #require(ServiceAddress("http://intranet", besides: [])?.request("GET", "").guardedNetworks).isEmpty)
    }
}
