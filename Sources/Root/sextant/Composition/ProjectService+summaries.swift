import Experiences
import Projects

extension ProjectService: ProjectSummaries {}
