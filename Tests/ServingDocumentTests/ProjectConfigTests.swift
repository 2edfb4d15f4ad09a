import JSON
import ServingDocument
import Testing

@Suite struct ProjectConfigTests {
    @Test func theProjectIsServedWithItsSettings() {
        let document = ServedProject(Shop.web).document()
        #expect(document["account_id"] == "3")
        #expect(
            document["project"] == [
                "id": "7", "name": "Shop", "type": "web", "utc_offset": 3600, "custom_domain": .null,
                "domains": [
                    ["tld": "example.co.uk", "hosts": ["shop.example.co.uk"]],
                    ["tld": "example.com", "hosts": ["*.example.com", "shop.example.com"]],
                ],
                "global_javascript": "hello()",
                "settings": [
                    "allow_crossdomain_tracking": true, "data_anonymization": false, "do_not_track": "EU ONLY",
                    "global_privacy_control": "OFF", "do_not_track_referral": false,
                    "integrations": [
                        "google_analytics": [
                            "type": "ga4", "enabled": true, "measurementId": "G-1", "no_wait_pageview": false,
                        ],
                        "visitor_insights": ["tracking_id": "vi-1"], "kissmetrics": ["enabled": true],
                    ],
                    "max_order_value": 1000,
                    "outliers": ["order_value": ["detection_type": "min_max", "min": 1, "max": 500]],
                    "include_jquery": false, "include_jquery_v1": true, "disable_spa_functionality": false,
                    "version": "2026-01-01T00:00:00Z-4",
                    "tracking_script": ["current_version": "v2.11.3", "latest_version": "v3.0.0"],
                ],
            ])
    }

    @Test(
        arguments: [
            (nil, "hello()", "hello()"), ("staging", "hello()", "hello()\nstage()"), ("staging", nil, "stage()"),
            ("production", "hello()", "hello()"), ("nowhere", nil, nil), ("nowhere", "", nil),
        ] as [(String?, String?, String?)])
    func codeOfANamedEnvironmentFollowsTheProjects(environment: String?, global: String?, expected: String?) {
        let text = { (text: String?) in text.map { JSONValue.string($0) } ?? .null }
        let project = ServedProject(Shop.web).changing { $0["global_javascript"] = text(global) }
        #expect(project.document(environment: environment)["project"]?["global_javascript"] == text(expected))
    }

    @Test func aCustomDomainIsServedOnceItIsInUse() {
        let project = ServedProject(Shop.web).changing {
            $0["custom_domain"] = ["domain": "ab.example.com", "status": "active", "version": "2"]
        }
        #expect(project.document()["project"]?["custom_domain"] == ["domain": "ab.example.com", "version": "2"])
    }

    @Test(arguments: [
        ("http://localhost:3000", "localhost", "localhost"), ("https://10.0.0.1/x", "10.0.0.1", "10.0.0.1"),
        ("https://a.b.example.com?x=/", "example.com", "a.b.example.com"),
        ("https://a.example.com.au", "example.com.au", "a.example.com.au"),
        ("https://EXAMPLE.de#top", "example.de", "example.de"), ("https://co.uk", "co.uk", "co.uk"),
    ])
    func domainsAreThoseThatCookiesBelongTo(url: String, domain: String, host: String) {
        let project = ServedProject(Shop.web).changing { $0["domains"] = [["id": 1, "url": .string(url)]] }
        #expect(
            project.document()["project"]?["domains"]
                == [["tld": .string(domain), "hosts": [.string(host)]]])
    }

    @Test func whatIsNoAddressIsLeftOut() {
        let project = ServedProject(Shop.web).changing {
            $0["domains"] = [["url": "shop"], ["url": "https://"], ["url": "https://:80"], ["id": 4], 5]
        }
        #expect(project.document()["project"]?["domains"] == [])
    }

    @Test func aProjectWithoutAnythingHasWhatSDKsReadUnasked() {
        let document = ServedProject(["id": 7, "project_type": "fullstack"]).document()
        for list in ["goals", "locations", "audiences", "segments", "experiences", "archived_experiences", "features"] {
            #expect(document[list] == [], "\(list)")
        }
        #expect(document["is_debug"] == false)
        #expect(document["project"]?["name"] == "7")
    }

    @Test func onlyFullstackProjectsHaveFeatures() {
        #expect(Shop.everyWebType.document()["features"] == nil)
        #expect(
            Shop.everyFullstackType.document()["features"]?[0] == [
                "id": "1", "name": "Banner", "key": "banner",
                "variables": [
                    ["key": "enabled", "type": "boolean"], ["key": "title", "type": "string"],
                    ["key": "size", "type": "integer"], ["key": "ratio", "type": "float"],
                    ["key": "more", "type": "json"],
                ],
            ])
    }
}
