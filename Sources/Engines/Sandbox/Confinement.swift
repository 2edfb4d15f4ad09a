import CSandbox

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What this process gives up, for good, before it does something that strangers have written. The steps are taken in
/// the order in which they stand here.
public enum Confinement {
    /// The process ends with the thread that started it, leaves no core file, goes first when the machine runs out of
    /// memory, and yields to others.
    public static func begin() throws(ConfinementError) {
        try check(sextant_confine_begin(), "begin")
    }

    /// Only files below these folders can be opened from here on, and only those below the writable ones changed, by this
    /// thread and those that it starts; there may be no other yet. Libraries must be loaded before. Where the kernel has
    /// no Landlock (before Linux 5.13) nothing changes.
    public static func confineFiles(readable: [String], writable: [String]) throws(ConfinementError) {
        let reading = readable.map { UnsafePointer(strdup($0)) }
        let writing = writable.map { UnsafePointer(strdup($0)) }
        defer { for text in reading + writing { free(UnsafeMutablePointer(mutating: text)) } }
        try check(sextant_confine_files(reading, reading.count, writing, writing.count), "files")
    }

    /// No network, no programs, no other processes, no rights or attributes of files, in any thread.
    public static func confineCalls() throws(ConfinementError) {
        try check(sextant_confine_calls(), "system calls")
    }

    /// The kernel's own limits.
    ///
    /// - Parameters:
    ///   - memoryBytes: writable memory, beyond what is in use now. Where there is no more, allocating fails.
    ///   - processorSeconds: computing on all processors together, from the process's start; then it is killed.
    ///   - fileBytes: what one file may grow to; then the process is killed.
    public static func confineResources(memoryBytes: Int, processorSeconds: Int, fileBytes: Int)
        throws(ConfinementError)
    {
        try check(
            sextant_confine_resources(
                UInt64(max(memoryBytes, 0)), UInt64(max(processorSeconds, 1)), UInt64(max(fileBytes, 0))), "resources")
    }

    private static func check(_ error: Int32, _ step: String) throws(ConfinementError) {
        if error != 0 { throw ConfinementError(step: step, reason: String(cString: strerror(error))) }
    }
}

/// A step that the kernel refused; without it nothing may be run.
public struct ConfinementError: Error, Sendable, CustomStringConvertible {
    let step: String
    let reason: String

    public var description: String { "this process cannot be confined (\(step)): \(reason)" }
}
