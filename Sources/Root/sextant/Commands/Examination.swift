import BlobStore
import DuckDB
import Foundation
import Gateway
import HTTPClient
import Mailer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Looks at what the server needs, one thing after the other.
struct Examination {
    let settings: Settings

    private static let leastFreeBytes = 2_000_000_000.0
    private static let leastFiles = 4_096
    private static let shortCertificateSeconds = 14 * 86_400

    func findings() async -> [Finding] {
        let running = isRunning
        var findings = [folder, disk, engine, clock, openFiles]
        findings.append(running ? await server : port)
        if let certificate { findings.append(certificate) }
        findings.append(await bucket)
        findings.append(await mail)
        findings.append(browser)
        return findings
    }

    private func found(_ subject: String, _ grade: Finding.Grade, _ text: String) -> Finding {
        Finding(subject: subject, grade: grade, text: text)
    }

    private var path: String { settings.dataDirectory }

    // MARK: - The folder and the machine

    private var folder: Finding {
        do {
            try DataFolder.requireData(in: path)
        } catch {
            return found("folder", .wrong, "\(error)")
        }
        var status = stat()
        guard stat("\(path)/master.key", &status) == 0 else {
            return found("folder", .wrong, "\(path)/master.key is missing: secrets and links cannot be opened.")
        }
        guard status.st_mode & 0o077 == 0 else {
            return found("folder", .doubtful, "others may read \(path)/master.key: chmod 600 it.")
        }
        return found("folder", .good, path)
    }

    /// Whether a server has the folder.
    private var isRunning: Bool {
        let descriptor = open("\(path)/sextant.lock", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        // Closing it gives the lock back.
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0
    }

    private var disk: Finding {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else {
            return found("disk", .wrong, "\(path) cannot be asked: \(String(cString: strerror(errno))).")
        }
        let probe = "\(path)/doctor-\(UUID().uuidString)"
        defer { unlink(probe) }
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, write(descriptor, "sextant", 7) == 7, fsync(descriptor) == 0 else {
            return found("disk", .wrong, "nothing can be written to \(path): \(String(cString: strerror(errno))).")
        }
        let free = Double(status.f_bavail) * Double(status.f_frsize)
        let text = "\((free / 1e8).rounded() / 10) GB are free"
        return found("disk", free < Self.leastFreeBytes ? .doubtful : .good, text)
    }

    private var engine: Finding {
        do throws(EngineError) {
            return found("engine", .good, "DuckDB \(Engine.version), \(try Engine.load().path)")
        } catch {
            return found("engine", .wrong, "\(error)")
        }
    }

    /// Events are stored under their times, and links and signatures end by the clock.
    private var clock: Finding {
        var status = stat()
        let now = time(nil)
        guard now > Self.written else { return found("clock", .wrong, "it shows a time before this program was made.") }
        for name in ["control.sqlite", "control.sqlite-wal", "events.duckdb", "events.duckdb.wal"]
        where stat("\(path)/\(name)", &status) == 0 && status.st_mtim.tv_sec > now + 60 {
            return found("clock", .wrong, "\(name) was written later than it is now: the clock has been put back.")
        }
        return found("clock", .good, ISO8601DateFormatter().string(from: Date()))
    }

    /// 2026-11-01, in seconds.
    private static let written = 1_793_491_200

    private var openFiles: Finding {
        OpenFiles.allowAll()
        let isFew = OpenFiles.most < Self.leastFiles
        return found(
            "files", isFew ? .doubtful : .good,
            "\(OpenFiles.most) may be open, of which three quarters are for connections"
                + (isFew ? ": raise the limit (ulimit -n, LimitNOFILE)" : ""))
    }

    private var browser: Finding {
        guard FileManager.default.isExecutableFile(atPath: settings.chromiumPath) else {
            return found("chromium", .doubtful, "\(settings.chromiumPath) is not there: screenshots are refused.")
        }
        return found("chromium", .good, settings.chromiumPath)
    }

    // MARK: - What it listens on

    private var port: Finding {
        do {
            try ListenCheck(host: settings.host, port: settings.port).run()
            return found("port", .good, "\(settings.host):\(settings.port) is free")
        } catch {
            return found("port", .wrong, "\(error)")
        }
    }

    private var server: Finding {
        get async {
            let scheme = settings.tlsCertificate == nil ? "http" : "https"
            let host = ["0.0.0.0", "::"].contains(settings.host) ? "localhost" : settings.host
            var request = ClientRequest(method: "GET", url: "\(scheme)://\(host):\(settings.port)/ready")
            // Its own certificate may be for another name.
            request.certificateAuthorities = settings.tlsCertificate
            do {
                let (response, body) = try await HTTPClient.exchange(request, upTo: 1 << 20, seconds: 10)
                let text = String(decoding: body, as: UTF8.self)
                return found("server", response.status == 200 ? .good : .wrong, "it runs, and says: \(text)")
            } catch {
                let place = "\(host):\(settings.port)"
                return found("server", .doubtful, "one has the folder, and does not answer at \(place): \(error)")
            }
        }
    }

    private var certificate: Finding? {
        guard settings.tlsCertificate != nil || settings.tlsKey != nil else { return nil }
        guard let path = settings.tlsCertificate, let key = settings.tlsKey else {
            return found("certificate", .wrong, "TLS needs both a certificate and its key.")
        }
        do {
            let tls = try ListenAddress.TLS(certificatePath: path, keyPath: key)
            let left = tls.expiresAt - Int(time(nil))
            guard left > 0 else { return found("certificate", .wrong, "\(path) has ended.") }
            let isShort = left < Self.shortCertificateSeconds
            return found("certificate", isShort ? .doubtful : .good, "\(path) is valid for \(left / 86_400) days")
        } catch {
            return found("certificate", .wrong, "\(error)")
        }
    }

    // MARK: - What it speaks to

    private var bucket: Finding {
        get async {
            guard let address = settings.blobURL else { return found("files' store", .good, "\(path)/blobs") }
            do {
                let environment = ProcessInfo.processInfo.environment
                let configuration = try S3Configuration(address: address, environment: environment)
                try await S3BlobStore(configuration: configuration).checkAccess()
                return found("files' store", .good, "the bucket can be listed")
            } catch {
                return found("files' store", .wrong, "\(error)")
            }
        }
    }

    private var mail: Finding {
        get async {
            guard let url = settings.smtpURL else {
                return found("mail", .doubtful, "it is only written to \(path)/mail: set SEXTANT_SMTP_URL.")
            }
            do {
                let greeting = try await MailServerGreeting.read(SMTPConfiguration(address: Stores.withSender(url)))
                return found("mail", .good, greeting)
            } catch {
                return found("mail", .wrong, "\(error)")
            }
        }
    }
}
