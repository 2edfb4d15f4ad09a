"""Who may do what, written down from the contract: what its roles are for (`AccessRoleNames`), what there is to be permitted
(`RolePermissions`), and where (`BaseAccesses`: in the whole account, or in single projects). What the server does and says
is held against this, never the other way round."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .convert import Body, contract, resolved

ROLES = ["browse", "review", "edit", "publish", "admin", "account_manager", "owner"]
"""Each may do all that the ones before it may: `owner holds all`."""

EVERYBODY = "everybody"
LOGIN = "whoever has logged in"
OWN = "somewhere in the first account of theirs"
OWN_WHOLE = "all of any account of theirs"
WHOLE = "the whole account"
SOMEWHERE = "somewhere in the account"
PROJECT = "the project"
PROJECT_BY_ACCOUNT = "the project, by the role in the whole account"

# The least role, what it permits, where the role has to be held, and the operations that this is needed for.
TABLE = [
    ("", "", EVERYBODY, "doAuth requestForgotPassword confirmPasswordReset acceptInvitation"),
    ("", "", LOGIN, """doLogout getAuthStatus getUserData updateUserProfileData confirmEmail updateUserPreferences
        generateMfaSecret listUserSessions revokeUserSession revokeAllUserSessions getAccessRoles getAccountsList"""),
    # browse reads
    ("browse", "project.view", OWN, "getBillingPlans"),
    ("browse", "project.view", SOMEWHERE, "getAccountDetails getProjectsList"),
    ("browse", "project.view", PROJECT, "getProject getSdkKeysList"),
    ("browse", "project.export", PROJECT, "exportProject"),
    ("browse", "livedata.view_account_livedata", SOMEWHERE, "getAccountLiveData"),
    ("browse", "livedata.view_project_livedata", PROJECT, "getProjectLiveData"),
    ("browse", "livedata.view_experience_livedata", PROJECT, "getExperienceLiveData"),
    ("browse", "history.view_account_history", SOMEWHERE, "getAccountHistory"),
    ("browse", "history.view_project_history", PROJECT, "getProjectHistory"),
    ("browse", "history.view_experience_history", PROJECT, "getExperienceHistory"),
    ("browse", "experience.view", SOMEWHERE, "getAccountActiveCompletedExperiencesList"),
    ("browse", "experience.view", PROJECT, """getExperiencesList getExperience getExperienceByKey getExperienceChange
        getSections getCdnImagesList getExperienceVariationScreenshot generateDebugToken"""),
    ("browse", "report.view", PROJECT, """getExperienceReportSettings getExperienceAggregatedReport getExperienceDailyReport
        getExperienceDailyTrafficAllocation exportExperienceReport"""),
    ("browse", "domain.view", PROJECT, "getDomainsList getDomain getDomainByUrl"),
    ("browse", "tag.view", PROJECT, "getTagsList getTag"),
    ("browse", "goal.view", PROJECT, "getGoalsList getGoal getGoalByKey"),
    ("browse", "location.view", PROJECT, "getLocationsList getLocation getLocationsPresets"),
    ("browse", "audience.view", PROJECT, "getAudiencesList getAudience getAudiencesPresets"),
    ("browse", "feature.view", PROJECT, "getFeaturesList getFeature getFeatureByKey"),
    ("browse", "hypothesis.view", PROJECT, "getHypothesesList getHypothesis"),
    ("browse", "knowledge_base.view", PROJECT, "getKnowledgeBasesList getKnowledgeBase"),
    ("browse", "observation.view", PROJECT, "getObservationsList getObservation"),
    # edit changes entities
    ("edit", "experience.edit", SOMEWHERE, "generateTextVariants generateCodeVariant"),
    ("edit", "experience.add", PROJECT, "createExperience convertExperienceVariation"),
    ("edit", "experience.clone", PROJECT, "cloneExperience"),
    ("edit", "experience.edit", PROJECT, """updateExperience bulkExperiencesUpdate updateExperienceVariation
        deleteExperienceVariation updateExperienceChange uploadExperienceVariationScreenshot triggerExperienceScreenshots
        createSection updateSection updateExperienceSections addExperienceSectionVersion updateExperienceSectionVersion
        deleteExperienceSectionVersion uploadCdnImage deleteCdnImage"""),
    ("edit", "experience.delete", PROJECT, "deleteExperience bulkExperiencesDelete"),
    ("edit", "variation.pauseplay", PROJECT, ""),
    ("edit", "variation.changebaseline", PROJECT, ""),
    ("edit", "report.nochangeedit", PROJECT, "getReportToken exportExperienceRawData"),
    ("edit", "domain.add", PROJECT, "createDomain"),
    ("edit", "domain.edit", PROJECT, "updateDomain checkCodeDomain"),
    ("edit", "domain.delete", PROJECT, "deleteDomain bulkDomainsDelete"),
    ("edit", "tag.add", PROJECT, "createTag"),
    ("edit", "tag.edit", PROJECT, "updateTag"),
    ("edit", "tag.delete", PROJECT, "deleteTag bulkTagsDelete"),
    ("edit", "goal.add", PROJECT, "createGoal"),
    ("edit", "goal.clone", PROJECT, "cloneGoal"),
    ("edit", "goal.edit", PROJECT, "updateGoal bulkGoalsUpdate"),
    ("edit", "goal.delete", PROJECT, "deleteGoal bulkGoalsDelete"),
    ("edit", "location.add", PROJECT, "createLocation cloneLocation"),
    ("edit", "location.edit", PROJECT, "updateLocation bulkLocationsUpdate"),
    ("edit", "location.delete", PROJECT, "deleteLocation bulkLocationsDelete"),
    ("edit", "audience.add", PROJECT, "createAudience cloneAudience"),
    ("edit", "audience.edit", PROJECT, "updateAudience bulkAudiencesUpdate"),
    ("edit", "audience.delete", PROJECT, "deleteAudience bulkAudiencesDelete"),
    ("edit", "feature.add", PROJECT, "createFeature"),
    ("edit", "feature.edit", PROJECT, "updateFeature bulkFeaturesUpdate"),
    ("edit", "feature.delete", PROJECT, "deleteFeature bulkFeaturesDelete"),
    ("edit", "hypothesis.add", PROJECT, "createHypothesis"),
    ("edit", "hypothesis.edit", PROJECT, "updateHypothesis updateHypothesisStatus bulkHypothesesUpdate"),
    ("edit", "hypothesis.convert", PROJECT, "convertHypothesis"),
    ("edit", "hypothesis.delete", PROJECT, "deleteHypothesis bulkHypothesesDelete"),
    ("edit", "knowledge_base.add", PROJECT, "createKnowledgeBase"),
    ("edit", "knowledge_base.edit", PROJECT, "updateKnowledgeBase bulkKnowledgeBasesUpdate"),
    ("edit", "knowledge_base.delete", PROJECT, "deleteKnowledgeBase bulkKnowledgeBasesDelete"),
    ("edit", "observation.add", PROJECT, "createObservation"),
    ("edit", "observation.edit", PROJECT, "updateObservation bulkObservationsUpdate"),
    ("edit", "observation.delete", PROJECT, "deleteObservation bulkObservationsDelete"),
    # publish also activates
    ("publish", "experience.pauseplay", PROJECT, ""),
    ("publish", "experience.edit_running", PROJECT, ""),
    ("publish", "location.edit_running", PROJECT, ""),
    ("publish", "audience.edit_running", PROJECT, ""),
    ("publish", "report.fulledit", PROJECT, "resetExperienceReport removeExperienceReportData"),
    # admin runs projects
    ("admin", "project.edit", SOMEWHERE, "bulkUpdateProjects"),
    ("admin", "project.edit", PROJECT, "updateProject createSdkKey updateSdkKey deleteSdkKey"),
    ("admin", "project.import", PROJECT, "importProjectData"),
    ("admin", "project.import", WHOLE, "importProject"),
    ("admin", "project.add", WHOLE, "createProject"),
    ("admin", "project.add", OWN_WHOLE, "acceptDemoProject"),
    ("admin", "project.delete", PROJECT_BY_ACCOUNT, "deleteProject"),
    ("admin", "account.manage_api_keys", WHOLE, "getApiKeysList createApiKey deleteApiKey"),
    ("admin", "account.manage_blocked_ips", WHOLE, ""),
    ("admin", "collaborator.view", WHOLE, "getAccountUsersAccessesList BillingPlanSetupUsers"),
    ("admin", "collaborator.view", OWN, "checkPartner"),
    ("admin", "collaborator.crud", WHOLE, "addAccountUserAccesses updateAccountUserAccesses deleteAccountUserAccesses"),
    # account_manager runs the account, but for what it is paid by
    ("account_manager", "account.edit", WHOLE, "updateAccountDetails createSubAccount"),
    ("account_manager", "account.manage_addons", WHOLE, "requestAccountAddons"),
    ("account_manager", "account.manage_sso", WHOLE, ""),
    ("account_manager", "billing.manage_billing", WHOLE, "getAccountBillingPortal"),
    ("account_manager", "billing.manage_payment", WHOLE, "startPaymentSetup"),
    ("account_manager", "billing.request_payment", WHOLE, ""),
    # owner holds all
    ("owner", "billing.managePlan", WHOLE, ""),
]  # fmt: skip


@dataclass(frozen=True)
class Row:
    least: str
    permission: str
    place: str


def by_operation() -> dict[str, Row]:
    found: dict[str, Row] = {}
    for least, permission, place, names in TABLE:
        for name in names.split():
            assert name not in found, f"{name} stands in the table twice"
            found[name] = Row(least, permission, place)
    return found


def least_roles() -> dict[str, str]:
    """What there is to be permitted, with the least role that may."""
    found: dict[str, str] = {}
    for least, permission, _, _ in TABLE:
        if permission:
            assert found.setdefault(permission, least) == least, f"{permission} has two least roles"
    return found


def permissions_of_the_contract() -> set[str]:
    def members(schema: Body) -> Iterator[str]:
        schema = resolved(schema)
        yield from schema.get("properties", {})
        for part in schema.get("allOf", []):
            yield from members(part)

    objects = contract()["components"]["schemas"]["RolePermissions"]["properties"]
    return {f"{name}.{act}" for name, schema in objects.items() for act in members(schema)}


def is_enough(role: str | None, least: str) -> bool:
    return role is not None and ROLES.index(role) >= ROLES.index(least)


def greatest(*roles: str | None) -> str | None:
    return max((role for role in roles if role is not None), key=ROLES.index, default=None)


@dataclass(frozen=True)
class Held:
    """What somebody has in one account."""

    everywhere: str | None = None
    projects: dict[int, str] = field(default_factory=dict)

    @property
    def anywhere(self) -> str | None:
        return greatest(self.everywhere, *self.projects.values())


def expected(row: Row, held: dict[int, Held], account: int, project: int, projects: dict[int, set[int]]) -> int:
    """What a call is answered: 200 stands for whatever is neither a refusal nor a failure.

    held: what the caller has, by account. projects: those that there are, by account."""
    if row.place in (EVERYBODY, LOGIN):
        return 200
    if row.place in (OWN, OWN_WHOLE):
        # Whoever is of no account has none of their own.
        if not held:
            return 404
        roles = [held[min(held)].anywhere] if row.place == OWN else [one.everywhere for one in held.values()]
        return 200 if any(is_enough(role, row.least) for role in roles) else 403
    # Accounts of others are told of nobody.
    if account not in held:
        return 404
    own = held[account]
    if row.place in (PROJECT, PROJECT_BY_ACCOUNT):
        if project not in projects[account]:
            return 404
        in_project = greatest(own.everywhere, own.projects.get(project))
        if in_project is None:
            return 403
        return 200 if is_enough(in_project if row.place == PROJECT else own.everywhere, row.least) else 403
    return 200 if is_enough(own.everywhere if row.place == WHOLE else own.anywhere, row.least) else 403
