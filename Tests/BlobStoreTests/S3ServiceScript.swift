extension S3Service {
    /// moto's server with its check of header signatures switched on, and around it what moto leaves out: presigned
    /// links are judged (with botocore), expire and set the download name, payloads are hashed, and faults can be ordered per bucket.
    static let script = #"""
        import json, sys, threading, time, calendar, os
        from urllib.parse import parse_qsl, quote
        os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "0"
        import logging
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        from moto.iam.models import iam_backends
        from moto.s3.models import s3_backends
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server
        import flask, hashlib, io
        from moto.iam.access_control import IAMRequestBase

        # moto checks signatures against the decoded query, so that even botocore's own are refused; S3 takes it as it came.
        decoded = IAMRequestBase._create_aws_request
        def as_it_came(self):
            request = decoded(self)
            request.url = flask.request.environ["RAW_URI"]
            return request
        IAMRequestBase._create_aws_request = as_it_came

        ACCOUNT = "123456789012"
        iam = iam_backends[ACCOUNT]["aws"]
        iam.create_user("us-east-1", "writer", "/")
        key = iam.create_access_key("writer")
        iam.put_user_policy("writer", "all", json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
        iam.create_user("us-east-1", "stranger", "/")
        stranger = iam.create_access_key("stranger")
        credentials = Credentials(key.access_key_id, key.secret_access_key)
        application = DomainDispatcherApplication(create_backend_app)
        lock = threading.Lock()
        faults, seen = {}, {}

        def refuse(start, status, code, message):
            start("%d X" % status, [("Content-Type", "application/xml")])
            return [("<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message></Error>" % (code, message)).encode()]

        def control(environ, start):
            action, bucket = environ["PATH_INFO"].strip("/").split("/")[1:]
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
            store = s3_backends[ACCOUNT]["aws"]
            answer = {}
            if action == "bucket":
                store.create_bucket(bucket, "us-east-1")
            elif action == "fault":
                faults[bucket] = json.loads(body)
            elif action == "seen":
                answer = seen.get(bucket, [])
            elif action == "uploads":
                answer = list(store.get_bucket(bucket).multiparts)
            elif action == "object":
                found = store.head_object(bucket, body)
                answer = {"type": found.metadata.get("Content-Type") or found.metadata.get("content-type"),
                          "etag": found.etag}
            start("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(answer).encode()]

        def judge(environ, start, pairs):
            query = dict(pairs)
            url = "http://%s%s?%s" % (environ["HTTP_HOST"], quote(environ["PATH_INFO"], safe="/-_.~"), "&".join(
                "%s=%s" % (quote(n, safe="-_.~"), quote(v, safe="-_.~")) for n, v in pairs if n != "X-Amz-Signature"))
            request = AWSRequest(method=environ["REQUEST_METHOD"], url=url)
            request.context["timestamp"] = query["X-Amz-Date"]
            auth = S3SigV4QueryAuth(credentials, "s3", "us-east-1")
            expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
            if expected != query["X-Amz-Signature"]:
                return refuse(start, 403, "SignatureDoesNotMatch", "The signature does not match.")
            signed = calendar.timegm(time.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ"))
            if time.time() > signed + int(query["X-Amz-Expires"]):
                return refuse(start, 403, "AccessDenied", "Request has expired")
            rest = "&".join("%s=%s" % (quote(n, safe="-_.~"), quote(v, safe="-_.~")) for n, v in pairs
                            if not n.startswith("X-Amz-"))
            environ["QUERY_STRING"] = rest
            renewed = AWSRequest(method="GET", url="http://%s%s?%s" % (environ["HTTP_HOST"], environ["PATH_INFO"], rest))
            S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(renewed)
            for name in ("Authorization", "X-Amz-Date", "X-Amz-Content-SHA256"):
                environ["HTTP_" + name.upper().replace("-", "_")] = renewed.headers[name]
            for name in ("RAW_URI", "REQUEST_URI"):
                environ[name] = environ["PATH_INFO"] + "?" + rest
            def named(status, headers, *rest):
                disposition = query.get("response-content-disposition")
                if disposition:
                    headers = [header for header in headers if header[0].lower() != "content-disposition"]
                    headers.append(("Content-Disposition", disposition))
                return start(status, headers, *rest)
            return application(environ, named)

        def serve(environ, start):
            if environ["PATH_INFO"].startswith("/_control/"):
                return control(environ, start)
            bucket = environ["PATH_INFO"].strip("/").split("/")[0]
            line = "%s %s?%s" % (environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"])
            with lock:
                seen.setdefault(bucket, []).append(line)
                fault = faults.get(bucket)
                strikes = bool(fault) and fault["times"] > 0 and all(part in line for part in fault["match"])
                if strikes:
                    fault["times"] -= 1
            if strikes and fault["kind"] == "hang":
                time.sleep(5)
            if strikes and fault["kind"] == "drop":
                environ["werkzeug.socket"].shutdown(2)
                return []
            if strikes and fault["kind"] == "error":
                length = int(environ.get("CONTENT_LENGTH") or 0)
                while length > 0:
                    length -= len(environ["wsgi.input"].read(min(length, 1 << 20))) or length
                return refuse(start, fault["status"], fault["code"], "ordered by the test")
            pairs = parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)
            if strikes and fault["kind"] == "forget":
                # The work is done, and its answer is lost.
                list(application(environ, lambda *rest: None))
                environ["werkzeug.socket"].shutdown(2)
                return []
            if any(name == "X-Amz-Signature" for name, _ in pairs):
                return judge(environ, start, pairs)
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            if hashlib.sha256(body).hexdigest() != environ.get("HTTP_X_AMZ_CONTENT_SHA256"):
                return refuse(start, 400, "XAmzContentSHA256Mismatch", "The content is not what was signed.")
            environ["wsgi.input"] = io.BytesIO(body)
            return application(environ, start)

        server = make_server("127.0.0.1", 0, serve, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(json.dumps({"port": str(server.server_address[1]),
                          "key": key.access_key_id, "secret": key.secret_access_key,
                          "stranger_key": stranger.access_key_id, "stranger_secret": stranger.secret_access_key}), flush=True)
        sys.stdin.read()
        os._exit(0)
        """#
}
