import Text

/// What all pages have in common: the bar with search and key, and the list of interfaces and groups.
struct PageFrame {
    let interfaces: [InterfaceReference]
    /// The interface that the page is of; nil for the first page.
    let current: InterfaceReference?
    /// The last part of the page's address, such as a group's slug.
    let page: String
    let title: String

    func html(_ content: HTML) -> HTML {
        let name: HTML = title.isEmpty ? "Sextant API reference" : "\(title) · Sextant"
        let interface = current?.name ?? ""
        return """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(name)</title>\
            <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">\
            <link rel="icon" href="/docs/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/docs/reference.css">\
            <script src="/docs/reference.js" defer></script></head><body data-interface="\(interface)">\
            <a class="skip" href="#content">Skip to the content</a>\
            <header><a class="home" href="/docs">Sextant</a>\(tools)</header>\
            <div class="frame"><nav aria-label="Pages">\(navigation)</nav><main id="content" tabindex="-1">\(content)</main></div>\
            </body></html>
            """
    }

    /// Of use with scripts only, which show it.
    private var tools: HTML {
        """
        <div class="search scripted" role="search" hidden><input id="search" type="search" placeholder="Search ( / )" \
        aria-label="Search operations and schemas" role="combobox" aria-expanded="false" aria-controls="hits" \
        aria-autocomplete="list" autocomplete="off" spellcheck="false"><ul id="hits" role="listbox" \
        aria-label="Hits" hidden></ul></div>\(current == nil ? "" : keyBox)
        """
    }

    private var keyBox: HTML {
        let form: HTML = current?.name == "convert-serving" ? "SDK_KEY:SDK_SECRET" : "for the examples"
        return """
            <label class="key-box scripted" hidden><span>Key</span><input id="key" type="password" autocomplete="off" \
            spellcheck="false" placeholder="\(form)" \
            title="Fills the examples of this page. It stays in this tab and is not sent anywhere." aria-describedby="key-note">\
            <span id="key-note" class="visually-hidden">Fills the examples. It stays in this tab and is not sent anywhere.</span>\
            <span id="key-fault" class="fault" role="status"></span></label>
            """
    }

    private var navigation: HTML {
        let items = interfaces.map { interface -> HTML in
            let isCurrent = interface.name.hasSameBytes(as: current?.name ?? "")
            let link = self.link(interface.address, interface.title, isCurrent: isCurrent && page.isEmpty)
            guard isCurrent else { return "<li>\(link)</li>" }
            var pages = interface.groups.map {
                self.link("\(interface.address)/\($0.slug)", $0.title, isCurrent: $0.slug.hasSameBytes(as: page))
            }
            if interface.hasSharedSchemas {
                pages.append(self.link("\(interface.address)/schemas", "Schemas", isCurrent: page == "schemas"))
            }
            return "<li>\(link)<ul>\(pages.map { "<li>\($0)</li>" as HTML }.joined())</ul></li>"
        }
        return "<details open><summary>Contents</summary><ul>\(items.joined())</ul></details>"
    }

    private func link(_ address: String, _ title: String, isCurrent: Bool) -> HTML {
        isCurrent
            ? "<a href=\"\(address)\" aria-current=\"page\">\(title)</a>" : "<a href=\"\(address)\">\(title)</a>"
    }
}
