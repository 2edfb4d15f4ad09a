import Contract

/// The first page: what the interfaces are for, and how callers prove who they are.
struct StartPage {
    let interfaces: [InterfaceReference]

    var html: HTML {
        """
        <h1>API reference</h1><p>One server, several interfaces over the same data. Clients of Userpilot, Gainsight PX and \
        Convert work with it unchanged; what they have in no interface is in Sextant's own. Addresses in the examples are \
        this server's.</p><div class="cards">\(interfaces.map(card).joined())</div>
        """
    }

    private func card(_ interface: InterfaceReference) -> HTML {
        let count = interface.interface.contract.operations.count
        let unserved = interface.interface.unserved.count
        let missing: HTML = unserved == 0 ? "" : ", \(unserved) of them not served"
        return """
            <section class="card"><h2><a href="\(interface.address)">\(interface.title)</a></h2><p>\(prose: interface.description)</p>\
            <p class="limits">\(count) operations\(missing) · <a href="/openapi/\(interface.name).yaml">OpenAPI</a></p>\
            \(interface.credentials)</section>
            """
    }
}
