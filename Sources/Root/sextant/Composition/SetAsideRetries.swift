import Automation
import ControlStore
import EventStore
import Experiences
import Jobs
import Projections
import Serving

/// Who tries what again of what is set aside.
extension SetAsideService {
    init(_ stores: Stores, _ work: BackgroundWork) {
        let exposures = ExposureRetry(store: stores.control, events: stores.events)
        let goals = ReachedGoalRetry(store: stores.control)
        let visitors = VisitorRetry(store: stores.control)
        var retries: [SetAsideKind: Retry] = [
            .job: { [jobs = stores.jobs] in try await jobs.tryAgain($0) },
            .experimentEvent: { try await exposures.retry($0) },
            .reachedGoal: { try await goals.retry($0) },
            .visitor: { try await visitors.retry($0) },
            .schedule: { [lifecycle = work.lifecycle] in try await lifecycle.retry($0) },
            .automation: { [automation = work.automation] in try await automation.retry($0) },
            .config: { [configs = stores.configs] in try await configs.retry($0.entry.projectID ?? 0) },
        ]
        for projection in stores.projections {
            let retry = EventRetry(log: stores.events, projection: projection)
            retries[projection.kind] = { [companies = stores.companies] in
                try await retry.retry($0)
                companies.reread()
            }
        }
        self.init(store: stores.setAside, retries: retries)
    }
}
