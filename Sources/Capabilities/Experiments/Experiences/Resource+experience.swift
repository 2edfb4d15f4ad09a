import Identity
import JSON
import ProjectDocuments
import Resources

extension ExperienceType {
    /// Where experiences of the type live.
    var projectType: ProjectType { isFullstack ? .fullstack : .web }
}

extension Resource {
    /// What the document of an experience says.
    var experience: ExperienceDocument { ExperienceDocument(document) }
}

extension ResourceDraft {
    /// What the document of an experience says.
    var experience: ExperienceDocument {
        get { ExperienceDocument(document) }
        set { document = newValue.members }
    }

    /// What the stored document of an experience says; that of a new one says nothing.
    var oldExperience: ExperienceDocument { ExperienceDocument(old ?? JSONObject()) }
}
