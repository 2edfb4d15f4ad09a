public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum PeopleMigrations {
    /// Profiles, segments over them, and who is excluded.
    public static let people = SchemaChange(
        script: """
            CREATE TABLE persons (
                id INTEGER PRIMARY KEY,
                environment_id INTEGER NOT NULL,
                user_id TEXT NOT NULL,
                company_id TEXT,
                first_seen_at INTEGER NOT NULL,
                last_seen_at INTEGER NOT NULL,
                -- a JSON object, values as they were sent
                properties TEXT NOT NULL DEFAULT '{}',
                UNIQUE (environment_id, user_id)
            );
            CREATE INDEX persons_by_company ON persons (environment_id, company_id) WHERE company_id IS NOT NULL;

            CREATE TABLE companies (
                id INTEGER PRIMARY KEY,
                environment_id INTEGER NOT NULL,
                company_id TEXT NOT NULL,
                first_seen_at INTEGER NOT NULL,
                last_seen_at INTEGER NOT NULL,
                properties TEXT NOT NULL DEFAULT '{}',
                UNIQUE (environment_id, company_id)
            );

            CREATE TABLE segments (
                id \(SQL.identity),
                environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                title TEXT NOT NULL,
                description TEXT,
                status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'archived')),
                is_hidden INTEGER NOT NULL DEFAULT 0 CHECK (is_hidden IN (0, 1)),
                is_protected INTEGER NOT NULL DEFAULT 0 CHECK (is_protected IN (0, 1)),
                -- a JSON document
                rule TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL
            );
            CREATE INDEX segments_by_environment ON segments (environment_id, id);

            CREATE TABLE exclusions (
                environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                kind TEXT NOT NULL CHECK (kind IN ('user', 'company')),
                subject_id TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                PRIMARY KEY (environment_id, kind, subject_id)
            ) \(SQL.keyedByPrimaryKey);
            """)

    /// Whose events are refused. They go after their environment, by a job.
    public static let denylist = SchemaChange(
        script: """
            CREATE TABLE denied_users (
                environment_id INTEGER NOT NULL,
                user_id TEXT NOT NULL,
                denied_at INTEGER NOT NULL,
                PRIMARY KEY (environment_id, user_id)
            ) \(SQL.keyedByPrimaryKey);
            """)

    /// Exclusions go after their environment, as profiles do, by a job.
    public static let looseExclusions = SchemaChange.loosening("exclusions", from: "environments")

    /// What was done, counted per profile. What happened before is not counted.
    public static let figures = SchemaChange(
        script: """
            ALTER TABLE persons ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE persons ADD COLUMN modified_at INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE persons ADD COLUMN first_visit_at INTEGER;
            ALTER TABLE persons ADD COLUMN last_active_at INTEGER;
            ALTER TABLE persons ADD COLUMN visit_count INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE persons ADD COLUMN last_visit_event_at INTEGER;
            -- days since the epoch, and a bit for each of the thirty days that end with it, itself lowest
            ALTER TABLE persons ADD COLUMN active_day INTEGER;
            ALTER TABLE persons ADD COLUMN active_days INTEGER NOT NULL DEFAULT 0;
            UPDATE persons SET created_at = first_seen_at, modified_at = last_seen_at;

            ALTER TABLE companies ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE companies ADD COLUMN modified_at INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE companies ADD COLUMN user_count INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE companies ADD COLUMN visit_count INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE companies ADD COLUMN last_active_at INTEGER;
            UPDATE companies SET created_at = first_seen_at, modified_at = last_seen_at, user_count = (
                SELECT count(*) FROM persons
                WHERE persons.environment_id = companies.environment_id AND persons.company_id = companies.company_id);
            """)

    /// Lists go by the ids of rows, one environment at a time.
    public static let lists = SchemaChange(
        script: """
            CREATE INDEX persons_by_environment ON persons (environment_id);
            CREATE INDEX companies_by_environment ON companies (environment_id);
            """)

    /// No profile is taken for one that was there before.
    public static let lastingIDs = SchemaChange.lastingIDs(of: "persons", "companies")

    /// Persons who were removed, and come back as they were with their next event.
    public static let removedPersons = SchemaChange(
        script: """
            CREATE TABLE removed_persons (
                -- of the row that it was
                id INTEGER PRIMARY KEY,
                environment_id INTEGER NOT NULL,
                user_id TEXT NOT NULL,
                company_id TEXT,
                first_seen_at INTEGER NOT NULL,
                last_seen_at INTEGER NOT NULL,
                properties TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                modified_at INTEGER NOT NULL,
                first_visit_at INTEGER,
                last_active_at INTEGER,
                visit_count INTEGER NOT NULL,
                last_visit_event_at INTEGER,
                active_day INTEGER,
                active_days INTEGER NOT NULL,
                removed_at INTEGER NOT NULL,
                UNIQUE (environment_id, user_id)
            );
            CREATE INDEX removed_persons_by_time ON removed_persons (removed_at);

            -- Who was in a company when its deletion was asked for, until they are erased
            CREATE TABLE leaving_members (
                environment_id INTEGER NOT NULL,
                company_id TEXT NOT NULL,
                user_id TEXT NOT NULL,
                PRIMARY KEY (environment_id, company_id, user_id)
            ) \(SQL.keyedByPrimaryKey);
            CREATE INDEX removed_persons_by_company ON removed_persons (environment_id, company_id)
            WHERE company_id IS NOT NULL;
            """)

    /// The event by which a person was identified first. Of those who are there already nobody knows which it was.
    public static let signUps = SchemaChange(
        script: """
            ALTER TABLE persons ADD COLUMN signed_up_by TEXT;
            ALTER TABLE removed_persons ADD COLUMN signed_up_by TEXT;
            UPDATE persons SET signed_up_by = '';
            UPDATE removed_persons SET signed_up_by = '';
            """)

    /// How many profiles each environment has, so that a list of everybody need not count them.
    public static let counts = SchemaChange(
        script: """
            CREATE TABLE profile_counts (
                environment_id INTEGER PRIMARY KEY,
                persons INTEGER NOT NULL,
                companies INTEGER NOT NULL
            );
            INSERT INTO profile_counts (environment_id, persons, companies)
            SELECT environment_id, sum(persons), sum(companies) FROM (
                SELECT environment_id, count(*) AS persons, 0 AS companies FROM persons GROUP BY environment_id
                UNION ALL
                SELECT environment_id, 0, count(*) FROM companies GROUP BY environment_id
            ) GROUP BY environment_id;
            """)

    /// Where the addresses of persons are.
    public static let locations = SchemaChange(
        script: """
            -- a JSON object, as the latest event has it that has one
            ALTER TABLE persons ADD COLUMN inferred_location TEXT;
            ALTER TABLE removed_persons ADD COLUMN inferred_location TEXT;
            """)
}
