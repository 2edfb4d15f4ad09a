extension SMTPServer {
    static let script = #"""
        import asyncio, email, email.header, email.policy, email.utils, json, os, ssl, subprocess, sys, threading
        from aiosmtpd.smtp import AuthResult, LoginPassword, SMTP

        folder, settings, user, password = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3], sys.argv[4]

        class Keeper:
            count = 0
            async def handle_RCPT(self, server, session, envelope, address, options):
                refused = settings["refusedRecipients"].get(address)
                if refused:
                    return refused
                envelope.rcpt_tos.append(address)
                return "250 OK"
            async def handle_DATA(self, server, session, envelope):
                await asyncio.sleep(settings["delay"])
                if settings.get("refusal"):
                    return settings["refusal"]
                message = email.message_from_bytes(envelope.content, policy=email.policy.default)
                part = lambda kind: (lambda p: p and p.get_content().replace("\r\n", "\n"))(message.get_body((kind,)))
                defects = [str(d) for p in message.walk() for d in p.defects]
                defects += [str(d) for v in message.values() for d in getattr(v, "defects", ())]
                # The newer parser puts a blank between two encoded words of a name, against RFC 2047.
                name, address = email.utils.parseaddr(email.message_from_bytes(envelope.content)["from"])
                Keeper.count += 1
                result = {
                    "sender": envelope.mail_from, "recipients": envelope.rcpt_tos,
                    "raw": envelope.content.decode("ascii"), "subject": message["subject"],
                    "from": str(email.header.make_header(email.header.decode_header(name))), "fromAddress": address,
                    "to": [a.addr_spec for a in message["to"].addresses], "date": message["date"].datetime.isoformat(),
                    "messageID": message["message-id"], "text": part("plain"), "html": part("html"), "defects": defects,
                    "headers": message.keys(), "login": session.auth_data, "encrypted": server.transport.get_extra_info("ssl_object") is not None,
                }
                path = os.path.join(folder, "%04d" % Keeper.count)
                with open(path + ".part", "w") as file:
                    json.dump(result, file)
                os.rename(path + ".part", path + ".json")
                return "250 kept"

        def authenticate(server, session, envelope, mechanism, data):
            if isinstance(data, LoginPassword) and data.login == user.encode() and data.password == password.encode():
                return AuthResult(success=True, auth_data=user)
            return AuthResult(success=False, handled=False)

        context = None
        if settings["startTLS"] or settings["implicitTLS"]:
            certificate, key = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
                            certificate], check=True, stderr=subprocess.DEVNULL)
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate, key)
        options = {}
        if settings["login"]:
            options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
        if settings["startTLS"]:
            options["tls_context"] = context

        def end():
            sys.stdin.read()
            os._exit(0)

        async def serve():
            server = await asyncio.get_running_loop().create_server(
                lambda: SMTP(Keeper(), hostname="localhost", **options), "127.0.0.1", 0,
                ssl=context if settings["implicitTLS"] else None)
            print(json.dumps({"port": str(server.sockets[0].getsockname()[1])}), flush=True)
            threading.Thread(target=end, daemon=True).start()
            await server.serve_forever()

        asyncio.run(serve())
        """#
}
