import Telemetry

/// Every metric there may be. `/metrics` serves what has happened of them, `sextant metrics` lists them all, and a test
/// looks through the sources for one that is missing here.
enum MetricCatalogue {
    static let all = process + server + http + ingestion + experiments + background + queries

    private static let process = [
        gauge("process_resident_memory_bytes", "Memory of the process that is in use, in bytes"),
        gauge("process_virtual_memory_bytes", "Address space of the process, in bytes"),
        gauge("process_cpu_seconds_total", "Time that the process has spent on processors, in seconds", .counter),
        gauge("process_start_time_seconds", "When the process started, in seconds since 1970"),
        gauge("process_open_fds", "Files and connections that the process has open"),
        gauge("process_max_fds", "How many it may have"),
        gauge("process_threads", "Threads of the process"),
    ]

    private static let server = [
        gauge(
            "sextant_build_info", "1, with the version of the program and the commit it was made of",
            labels: ["version", "commit"]),
        gauge("sextant_ready", "Whether the server can do all of its work: 1, or 0 while /ready answers 503"),
        gauge(
            "sextant_store_bytes", "What a part of the data folder takes of the disk, in bytes; measured once a minute",
            labels: ["store"]),
        gauge("sextant_disk_free_bytes", "What is left of the data folder's disk, in bytes"),
        gauge("sextant_disk_size_bytes", "Size of the data folder's disk, in bytes"),
        gauge(
            "sextant_tls_certificate_expiry_timestamp_seconds",
            "When the certificate is no longer valid, in seconds since 1970"),
        counter("sextant_log_lines_total", "Lines of the log that tell of trouble", labels: ["level"]),
        counter("sextant_unreadable_rows_total", "Rows that were left out, as they cannot be read", labels: ["kind"]),
        counter("sextant_set_aside_total", "What could not be digested and was set aside", labels: ["kind"]),
    ]

    private static let http = [
        counter("sextant_http_requests_total", "Requests that were answered", labels: ["operation", "status"]),
        MetricDescription(
            .histogram, "sextant_http_request_seconds", "How long answers took", labels: ["operation"],
            bounds: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]),
        counter(
            "sextant_unknown_fields_total", "Events, and requests to other operations, with members that nothing reads",
            labels: ["operation"]),
        gauge("sextant_http_memory_bytes", "What requests and answers hold of memory, in bytes"),
        gauge("sextant_connections", "Connections that are open"),
        counter("sextant_connections_refused_total", "Connections that were closed at once: there were too many"),
        counter("sextant_unread_answers_total", "Answers that were given up, as their clients did not read them"),
        gauge("sextant_large_answers_bytes", "What large answers hold of the disk until they are read, in bytes"),
        counter("sextant_large_answers_refused_total", "Large answers for which there was no place"),
    ]

    private static let ingestion = [
        counter("sextant_events_accepted_total", "Events that were stored"),
        counter("sextant_events_duplicate_total", "Events that were recognised as stored before"),
        counter("sextant_events_rejected_total", "Events that were refused", labels: ["reason"]),
        MetricDescription(.histogram, "sextant_event_commit_seconds", "How long commits to the event log took"),
        MetricDescription(
            .histogram, "sextant_event_checkpoint_seconds", "How long folding in the write-ahead log took"),
        gauge("sextant_event_queue_batches", "Batches of events that wait to be written"),
        gauge("sextant_event_queue_bytes", "Bytes of them; from 128 MB on senders are told to wait"),
        gauge("sextant_event_queue_age_seconds", "How long the oldest of them has waited"),
        gauge("sextant_projection_queue_events", "Events that are stored and not in profiles and lists yet"),
        gauge("sextant_projection_queue_bytes", "Bytes of them; from 256 MB on senders are told to wait"),
        gauge("sextant_projection_lag_seconds", "How far profiles and lists are behind what is stored"),
        gauge("sextant_projection_replay_events", "Events that this start has yet to read back from the log"),
        counter("sextant_location_lookups_total", "Addresses that were looked up", labels: ["outcome"]),
        gauge("sextant_engine_readers", "Connections that read in the event engine"),
        gauge("sextant_engine_readers_waiting", "Callers that wait for one"),
        gauge("sextant_engine_upkeep", "Whether a checkpoint, a deletion or an erasure is under way in the engine"),
        gauge("sextant_engine_upkeep_waiting", "How many wait for that"),
        gauge("sextant_engine_sessions", "Sessions of the engine that somebody has alone, such as an export"),
        gauge("sextant_engine_reopenings_total", "How often the engine failed and was opened anew", .counter),
    ]

    private static let experiments = [
        counter("sextant_experiment_events_accepted_total", "Events of experiments that were stored"),
        counter("sextant_experiment_events_rejected_total", "Those that were refused", labels: ["reason"]),
        counter("sextant_experiment_values_left_out_total", "Values of theirs that were left out", labels: ["value"]),
        gauge("sextant_experiment_queue_requests", "Requests with such events that wait to be stored"),
        gauge("sextant_experiment_queue_age_seconds", "How long the oldest of them has waited"),
    ]

    private static let background = [
        gauge("sextant_jobs", "Jobs that wait or run; of a kind no more than 10,000 are counted", labels: jobLabels),
        gauge(
            "sextant_jobs_oldest_seconds", "How long the oldest has been due, or has been running", labels: jobLabels),
        counter("sextant_job_runs_total", "Runs of jobs that have ended", labels: ["kind", "outcome"]),
        MetricDescription(
            .histogram, "sextant_job_run_seconds", "How long runs of jobs took", labels: ["kind"],
            bounds: [0.1, 1, 10, 60, 600, 3_600]),
        counter("sextant_export_files_total", "Files of exports that were written", labels: ["format"]),
        counter("sextant_export_rows_total", "Rows in them", labels: ["format"]),
        counter("sextant_export_bytes_total", "Bytes of them", labels: ["format"]),
        counter("sextant_webhook_attempts_total", "Messages that were sent to receivers", labels: ["outcome"]),
        gauge("sextant_webhook_waiting", "Messages that wait to be sent again; no more than 10,000 are counted"),
        gauge("sextant_webhook_waiting_seconds", "How long the oldest of them has been due"),
        gauge(
            "sextant_watch_failures_total",
            "How often jobs, messages or the disk could not be looked at; their numbers are old then", .counter),
    ]

    private static let queries = [
        gauge("sextant_queries", "Queries that run or wait for their turn", labels: ["state"]),
        counter("sextant_queries_stopped_total", "Queries that were stopped", labels: ["reason"]),
    ]

    private static let jobLabels = ["kind", "state"]

    private static func counter(_ name: String, _ meaning: String, labels: [String] = []) -> MetricDescription {
        MetricDescription(.counter, name, meaning, labels: labels)
    }

    /// - Parameter kind: what it is to Prometheus, of a number that is looked up.
    private static func gauge(
        _ name: String, _ meaning: String, _ kind: MetricDescription.Kind = .gauge, labels: [String] = []
    ) -> MetricDescription {
        MetricDescription(kind, name, meaning, labels: labels)
    }
}
