"""The one room that each table belongs to. Others ask that room."""

OWNERS = {
    "Identity": "accounts users accesses projects environments api_keys debug_tokens report_tokens",
    "Sessions": "sessions login_steps login_failures mfa_backup_codes",
    "Collaborators": "invitations invitation_accesses invitation_mails",
    "Resources": "resources resource_references named_experience_keys changes",
    "Experiences": "variations variation_changes",
    "Automation": "experience_results experience_evaluations",
    "Serving": "visitors tested_usage joined_visitors reached_goals tracked_transactions experience_traffic exposure_outbox",
    "Features": "tracked_features feature_figures feature_users",
    "Webhooks": "webhook_subscriptions webhook_deliveries",
    "People": "persons removed_persons companies profile_counts segments exclusions denied_users leaving_members",
    "Catalogue": "event_definitions properties",
    "Content": "contents",
    "Images": "images screenshots",
    "Jobs": "jobs taken_jobs",
    "ControlStore": "set_aside projection_positions ingestion_rejections rejection_samples folder_marks announcements",
    "EventStore": "EventTable ExposureTable",
}

OWNER = {table: room for room, tables in OWNERS.items() for table in tables.split()}
