public import Browser
public import Contract
public import Experiences
public import Gateway
public import Identity
public import Images
public import Projects
public import Resources

/// The management part of the Convert interface: `convert.yaml`.
public enum ConvertSurface {
    /// What the interface is made of.
    public struct Capabilities: Sendable {
        public var authentication: ConvertAuthentication
        public var accounts: AccountService
        public var projects: ProjectStore
        public var projectService: ProjectService
        public var resources: ResourceService
        public var experiences: ExperienceService
        public var codeCheck: CodeCheck
        public var images: ImageStore
        public var screenshots: ScreenshotStore
        public var chromium: Chromium
        public var history: ChangeHistory
        public var liveData: LiveData
        public var keys: ConvertKeyStore
        public var sdkKeys: SDKKeyStore
        public var debugTokens: DebugTokenStore
        public var reportTokens: ReportTokenStore

        public init(
            authentication: ConvertAuthentication, accounts: AccountService, projects: ProjectStore,
            projectService: ProjectService,
            resources: ResourceService, experiences: ExperienceService, codeCheck: CodeCheck, images: ImageStore,
            screenshots: ScreenshotStore, chromium: Chromium, history: ChangeHistory,
            liveData: LiveData, keys: ConvertKeyStore, sdkKeys: SDKKeyStore,
            debugTokens: DebugTokenStore, reportTokens: ReportTokenStore
        ) {
            self.authentication = authentication
            self.accounts = accounts
            self.projects = projects
            self.projectService = projectService
            self.resources = resources
            self.experiences = experiences
            self.codeCheck = codeCheck
            self.images = images
            self.screenshots = screenshots
            self.chromium = chromium
            self.history = history
            self.liveData = liveData
            self.keys = keys
            self.sdkKeys = sdkKeys
            self.debugTokens = debugTokens
            self.reportTokens = reportTokens
        }
    }

    public static func make(contract: ContractDocument, _ capabilities: Capabilities) throws -> Surface {
        let authentication = capabilities.authentication
        var surface = SurfaceBuilder(contract: contract, errors: .convert) { try authentication.authenticate($0) }
        surface.verify = {
            try authentication.verify($0, $1)
            return $0.key.identifier
        }
        // Who signs has proved nothing before the body is read.
        surface.shareKey = { $0.signature == nil ? $0.key.identifier : nil }
        let access = ProjectAccess(projects: capabilities.projects)
        for routes in ResourceRoutes.all {
            ResourceController(routes: routes, resources: capabilities.resources, access: access)
                .addRoutes(to: &surface)
        }
        AccountController(accounts: capabilities.accounts).addRoutes(to: &surface)
        ProjectController(
            projects: capabilities.projectService, debugTokens: capabilities.debugTokens, access: access
        ).addRoutes(to: &surface)
        ProjectTransferController(contract: contract, projects: capabilities.projectService, access: access)
            .addRoutes(to: &surface)
        SpecialResourceController(
            resources: capabilities.resources, codeCheck: capabilities.codeCheck, access: access
        ).addRoutes(to: &surface)
        ExperienceController(
            experiences: capabilities.experiences, resources: capabilities.resources,
            reportTokens: capabilities.reportTokens, history: capabilities.history, liveData: capabilities.liveData,
            access: access
        ).addRoutes(to: &surface)
        SectionController(experiences: capabilities.experiences, access: access).addRoutes(to: &surface)
        ImageController(images: capabilities.images, access: access).addRoutes(to: &surface)
        ScreenshotController(
            screenshots: capabilities.screenshots, chromium: capabilities.chromium,
            experiences: capabilities.experiences, access: access
        ).addRoutes(to: &surface)
        HistoryController(history: capabilities.history, access: access).addRoutes(to: &surface)
        LiveDataController(liveData: capabilities.liveData, access: access).addRoutes(to: &surface)
        KeyController(keys: capabilities.keys, history: capabilities.history).addRoutes(to: &surface)
        SDKKeyController(keys: capabilities.sdkKeys, history: capabilities.history, access: access)
            .addRoutes(to: &surface)
        return try surface.build()
    }
}
