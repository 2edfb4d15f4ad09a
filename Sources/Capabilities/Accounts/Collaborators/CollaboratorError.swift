/// Why somebody could not be asked into an account, changed or removed.
public enum CollaboratorError: Error, Sendable, Equatable {
    /// The caller's role is too small, and for what.
    case forbidden(String)
    /// A member of the request, and what is wrong with it.
    case invalid(field: String, String)
    /// What is asked for contradicts what is there.
    case conflict(String)
    /// The invitation was taken, has been taken back or has expired, or never was.
    case noInvitation
    /// The account has sent too many invitations lately.
    case tooManyInvitations(seconds: Int64)
}
