import HTTPTypes
import InternetAddress
public import Sessions

extension OperationRequest {
    /// Who logs in, or changes how they do.
    public var loginOrigin: LoginService.Origin {
        LoginService.Origin(
            client: headers[.userAgent] ?? "", address: clientAddress.map(\.neighbourhood), requestID: requestID)
    }
}
