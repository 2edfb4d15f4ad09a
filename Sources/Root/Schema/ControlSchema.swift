import Automation
import Catalogue
import Collaborators
import Content
public import ControlStore
import Experiences
import Features
import Identity
import Images
import Jobs
import People
import Resources
import Serving
import Sessions
import Webhooks

/// The control store's schema: what each room changes in its own tables, in the order in which it came.
public enum ControlSchema {
    /// Oldest first. A version that was ever released is never edited, and new ones come at the end.
    public static let migrations = [
        Migration("001 tenants", IdentityMigrations.tenants),
        Migration("002 people", PeopleMigrations.people),
        Migration("003 catalogue", CatalogueMigrations.catalogue),
        Migration("004 content", ContentMigrations.content),
        Migration("005 jobs", JobsMigrations.jobs),
        Migration("006 ingestion", ControlStoreMigrations.ingestion),
        Migration("007 experimentation", IdentityMigrations.experimentation, ResourcesMigrations.resources),
        Migration("008 images", ImagesMigrations.images),
        Migration("009 experiences", ExperiencesMigrations.variations, IdentityMigrations.reportTokens),
        Migration("010 screenshots", ImagesMigrations.screenshots),
        Migration("011 serving", ServingMigrations.visitors),
        Migration("012 traffic", ImagesMigrations.uploads, ServingMigrations.traffic),
        Migration("013 product goals", ServingMigrations.productGoals, ControlStoreMigrations.goalPosition),
        Migration("014 query plans", ResourcesMigrations.searches, IdentityMigrations.debugTokenSearches),
        Migration("015 set aside", ControlStoreMigrations.setAside),
        Migration("016 folder marks", ControlStoreMigrations.folderMarks),
        Migration("017 visitor goals", ServingMigrations.visitorGoals),
        Migration("018 named experience keys", ResourcesMigrations.namedExperienceKeys),
        Migration("019 job holders", JobsMigrations.holders),
        Migration(
            "020 loose rows", ServingMigrations.looseVisitors, ServingMigrations.looseJoins,
            PeopleMigrations.looseExclusions),
        Migration("021 experience results", AutomationMigrations.results),
        Migration("022 gainsight keys", IdentityMigrations.gainsightEnvironments, PeopleMigrations.denylist),
        Migration("023 experience evaluations", AutomationMigrations.basis),
        Migration("024 profile figures", PeopleMigrations.figures),
        Migration("025 profile lists", PeopleMigrations.lists, PeopleMigrations.lastingIDs),
        Migration("026 webhooks", WebhooksMigrations.webhooks),
        Migration("027 engagements", ContentMigrations.engagements),
        Migration("028 features", FeaturesMigrations.features),
        Migration("029 removed persons", PeopleMigrations.counts, PeopleMigrations.removedPersons),
        Migration("030 evaluation times", AutomationMigrations.dueTimes),
        Migration("031 people who log in", IdentityMigrations.people, SessionsMigrations.sessions),
        Migration(
            "032 announcements", ControlStoreMigrations.announcements, WebhooksMigrations.announcements,
            AutomationMigrations.findings),
        Migration("033 features of the past", FeaturesMigrations.logPositions),
        Migration("034 sign-ups", PeopleMigrations.signUps),
        Migration("035 inferred locations", PeopleMigrations.locations),
        Migration("036 collaborators", IdentityMigrations.expiringPasswords, CollaboratorsMigrations.invitations),
        Migration("037 payment customers", IdentityMigrations.paymentCustomers),
        Migration("038 tested visitors", ServingMigrations.testedVisitors),
        Migration("039 taken jobs", JobsMigrations.taken),
        Migration("040 rejection samples", ControlStoreMigrations.rejectionSamples),
    ]
}
