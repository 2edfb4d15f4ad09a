import Demo
import Gateway
import Identity

/// The project that new people look at first: `acceptDemoProject`.
struct DemoProjectController: Sendable {
    let demos: DemoProjects

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("acceptDemoProject", allow: .person(may: .add(.project))) { caller, _ in
            guard let id = try await demos.make(accountID: caller.accountID, author: caller.author) else {
                return .success("The demo project is being made; it is complete within seconds.")
            }
            return .success("The demo project is made: \(id).")
        }
    }
}
