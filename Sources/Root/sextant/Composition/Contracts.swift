import Contract
import ConvertAPI
import GainsightAPI
import Gateway
import UserpilotAPI

/// The contracts, where they are mounted here, and how each says no: all that can be known before anything is opened.
struct Contracts {
    let userpilot: ContractDocument
    let convert: ContractDocument
    let serving: ContractDocument
    let sextant: ContractDocument
    let gainsight: ContractDocument
    /// Those that nothing serves yet.
    let unserved: [ContractDocument]

    init() throws {
        userpilot = try UserpilotSurface.loadContract()
        convert = try ContractDocument.load("convert", mount: Mount(prefix: "/api/v2"))
        serving = try ServingSurface.loadContract(prefix: "/api/v1")
        sextant = try ContractDocument.load("sextant", mount: Mount(prefix: ""))
        gainsight = try GainsightSurface.loadContract()
        unserved = []
    }

    /// Those that are served, in the order in which addresses are looked up.
    var served: [ContractDocument] { [userpilot, convert, serving, sextant, gainsight] }

    /// The surfaces as they are while there is nothing to serve from.
    var closedSurfaces: [Surface] {
        [
            .closed(userpilot, errors: .userpilot), .closed(convert, errors: .convert),
            .closed(serving, errors: .convert), .closed(sextant, errors: .sextant),
            .closed(gainsight, errors: .gainsight),
        ]
    }
}
