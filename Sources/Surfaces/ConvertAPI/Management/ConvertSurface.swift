public import Billing
public import Browser
public import Collaborators
public import Contract
public import Demo
public import Experiences
public import Exports
public import Gateway
public import Identity
public import Images
public import Projects
public import Reports
public import Resources
public import Sessions
public import TextGeneration

/// The management part of the Convert interface: `convert.yaml`.
public enum ConvertSurface {
    /// What the interface is made of.
    public struct Capabilities: Sendable {
        /// Signatures and secrets.
        public var authenticators: [any Authenticator]
        public var logins: LoginService
        public var sessions: SessionStore
        public var collaborators: CollaboratorService
        /// Whether people reach the server over TLS.
        public var isSecure: Bool
        public var accounts: AccountService
        public var subAccounts: SubAccountService
        public var projects: ProjectStore
        public var projectService: ProjectService
        public var demos: DemoProjects
        public var resources: ResourceService
        public var experiences: ExperienceService
        public var texts: TextGenerator
        public var payments: PaymentService
        public var billingPlans: BillingPlans
        public var addons: AddonRequests
        public var codeCheck: CodeCheck
        public var images: ImageStore
        public var screenshots: ScreenshotStore
        public var chromium: Chromium
        public var history: ChangeHistory
        public var liveData: LiveData
        public var reports: ReportService
        public var reportFiles: ReportFiles
        public var eventExports: ExperimentExportService
        public var reportRemoval: ReportDataRemoval
        public var keys: ConvertKeyStore
        public var sdkKeys: SDKKeyStore
        public var debugTokens: DebugTokenStore
        public var reportTokens: ReportTokenStore
        public var answers: AnswerFiles

        public init(
            authenticators: [any Authenticator], logins: LoginService, sessions: SessionStore,
            collaborators: CollaboratorService, isSecure: Bool,
            accounts: AccountService, subAccounts: SubAccountService, projects: ProjectStore,
            projectService: ProjectService, demos: DemoProjects,
            resources: ResourceService, experiences: ExperienceService, texts: TextGenerator,
            payments: PaymentService, billingPlans: BillingPlans, addons: AddonRequests,
            codeCheck: CodeCheck, images: ImageStore,
            screenshots: ScreenshotStore, chromium: Chromium, history: ChangeHistory,
            liveData: LiveData, reports: ReportService, reportFiles: ReportFiles,
            eventExports: ExperimentExportService, reportRemoval: ReportDataRemoval, keys: ConvertKeyStore,
            sdkKeys: SDKKeyStore,
            debugTokens: DebugTokenStore, reportTokens: ReportTokenStore, answers: AnswerFiles
        ) {
            self.authenticators = authenticators
            self.logins = logins
            self.sessions = sessions
            self.collaborators = collaborators
            self.isSecure = isSecure
            self.accounts = accounts
            self.subAccounts = subAccounts
            self.projects = projects
            self.projectService = projectService
            self.demos = demos
            self.resources = resources
            self.experiences = experiences
            self.texts = texts
            self.payments = payments
            self.billingPlans = billingPlans
            self.addons = addons
            self.codeCheck = codeCheck
            self.images = images
            self.screenshots = screenshots
            self.chromium = chromium
            self.history = history
            self.liveData = liveData
            self.reports = reports
            self.reportFiles = reportFiles
            self.eventExports = eventExports
            self.reportRemoval = reportRemoval
            self.keys = keys
            self.sdkKeys = sdkKeys
            self.debugTokens = debugTokens
            self.reportTokens = reportTokens
            self.answers = answers
        }
    }

    /// - Parameter pages: that people log in from.
    public static func make(
        contract: ContractDocument, pages: OwnPages, _ capabilities: Capabilities
    ) throws -> Surface {
        var surface = SurfaceBuilder(
            contract: contract, errors: .convert, source: capabilities.projects,
            accepting: capabilities.authenticators
                // A cookie comes along with whatever a browser sends: what else is shown goes before it.
                + [
                    ReportTokenAuthentication(tokens: capabilities.reportTokens),
                    SessionAuthentication(sessions: capabilities.sessions, pages: pages), StrangerAuthentication(),
                ],
            unrecognized: SignatureAuthentication.unrecognized)
        surface.ownPages = pages
        for routes in ResourceRoutes.all {
            ResourceController(routes: routes, resources: capabilities.resources)
                .addRoutes(to: &surface)
        }
        LoginController(
            logins: capabilities.logins, sessions: capabilities.sessions, isSecure: capabilities.isSecure
        ).addRoutes(to: &surface)
        UserController(logins: capabilities.logins, sessions: capabilities.sessions).addRoutes(to: &surface)
        CollaboratorController(
            collaborators: capabilities.collaborators, history: capabilities.history,
            projects: capabilities.projectService, store: capabilities.projects
        ).addRoutes(to: &surface)
        AccountController(accounts: capabilities.accounts, subAccounts: capabilities.subAccounts)
            .addRoutes(to: &surface)
        BillingController(
            payments: capabilities.payments, plans: capabilities.billingPlans, addons: capabilities.addons,
            accounts: capabilities.accounts
        ).addRoutes(to: &surface)
        ProjectController(
            projects: capabilities.projectService, store: capabilities.projects, debugTokens: capabilities.debugTokens
        ).addRoutes(to: &surface)
        DemoProjectController(demos: capabilities.demos).addRoutes(to: &surface)
        ProjectTransferController(
            contract: contract, projects: capabilities.projectService, answers: capabilities.answers
        ).addRoutes(to: &surface)
        SpecialResourceController(
            resources: capabilities.resources, codeCheck: capabilities.codeCheck
        ).addRoutes(to: &surface)
        ExperienceController(
            experiences: capabilities.experiences, resources: capabilities.resources,
            reportTokens: capabilities.reportTokens, history: capabilities.history, liveData: capabilities.liveData
        ).addRoutes(to: &surface)
        TextGenerationController(texts: capabilities.texts).addRoutes(to: &surface)
        SectionController(experiences: capabilities.experiences).addRoutes(to: &surface)
        ImageController(images: capabilities.images).addRoutes(to: &surface)
        ScreenshotController(
            screenshots: capabilities.screenshots, chromium: capabilities.chromium,
            experiences: capabilities.experiences
        ).addRoutes(to: &surface)
        HistoryController(history: capabilities.history).addRoutes(to: &surface)
        LiveDataController(liveData: capabilities.liveData).addRoutes(to: &surface)
        ReportController(
            reports: capabilities.reports, files: capabilities.reportFiles, removal: capabilities.reportRemoval
        ).addRoutes(to: &surface)
        EventExportController(
            reports: capabilities.reports, exports: capabilities.eventExports, accounts: capabilities.accounts
        ).addRoutes(to: &surface)
        ConvertKeyController(keys: capabilities.keys, history: capabilities.history).addRoutes(to: &surface)
        SDKKeyController(keys: capabilities.sdkKeys, history: capabilities.history)
            .addRoutes(to: &surface)
        return try surface.build()
    }
}
