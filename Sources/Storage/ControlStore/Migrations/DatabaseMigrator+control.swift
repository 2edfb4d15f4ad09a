import GRDB

extension DatabaseMigrator {
    /// All migrations, oldest first. One that was ever released is never edited; changes are new ones at the end.
    static var control: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("001 tenants", migrate: Migration001Tenants.run)
        migrator.registerMigration("002 people", migrate: Migration002People.run)
        migrator.registerMigration("003 catalogue", migrate: Migration003Catalogue.run)
        migrator.registerMigration("004 content", migrate: Migration004Content.run)
        migrator.registerMigration("005 jobs", migrate: Migration005Jobs.run)
        migrator.registerMigration("006 ingestion", migrate: Migration006Ingestion.run)
        migrator.registerMigration("007 experimentation", migrate: Migration007Experimentation.run)
        migrator.registerMigration("008 images", migrate: Migration008Images.run)
        migrator.registerMigration("009 experiences", migrate: Migration009Experiences.run)
        migrator.registerMigration("010 screenshots", migrate: Migration010Screenshots.run)
        migrator.registerMigration("011 serving", migrate: Migration011Serving.run)
        migrator.registerMigration("012 traffic", migrate: Migration012Traffic.run)
        migrator.registerMigration("013 product goals", migrate: Migration013ProductGoals.run)
        migrator.registerMigration("014 query plans", migrate: Migration014QueryPlans.run)
        migrator.registerMigration("015 set aside", migrate: Migration015SetAside.run)
        migrator.registerMigration("016 folder marks", migrate: Migration016FolderMarks.run)
        migrator.registerMigration("017 visitor goals", migrate: Migration017VisitorGoals.run)
        migrator.registerMigration("018 named experience keys", migrate: Migration018NamedExperienceKeys.run)
        migrator.registerMigration("019 job holders", migrate: Migration019JobHolders.run)
        return migrator
    }
}
