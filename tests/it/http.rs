//! Uploads by HTTP, as the operator meets them: against a server of our own, good and hostile.

use dukou::digest::PeerDigest;
use serde_json::{Value as Json, json};

use crate::harness::https::{Answer, HttpsServer, Request};
use crate::harness::hub::Hub;

const DIR: &str = "[connection.centre.dir]\npath = \"inbox/centre\"";
const ANSWERS: &str = "jobs/centre/receive_answers.toml";

/// The connection to a server; `more` are further keys.
fn connection(name: &str, port: u16, more: &str) -> String {
    format!(
        "[connection.{name}.http]\nurl = \"https://localhost:{port}/base\"\n\
         ca_file = \"secrets/ca.pem\"\nanswers = \"inbox/{name}\"\nidle_secs = 1\ntotal_secs = 3\n\
         answer_bytes = 2000\n{more}\n"
    )
}

const HERE: &str = "addresses = [\"127.0.0.1\"]\n";

/// A hub that has one record to upload to a server.
fn hub(server: &HttpsServer, more: &str) -> Hub {
    let hub = Hub::of("fixtures/answers", "inbox/centre")
        .edit("dukou.toml", DIR, &connection("centre", server.port, more))
        .edit(ANSWERS, "path = \"answers\"", "path = \"out\"")
        .edit(ANSWERS, "{serial}.json", "{request}.json.answer")
        .edit(ANSWERS, "{request_file}", "{request}.json")
        .inbox("in/RECORDS_20260301.txt", b"A\n");
    server.write_ca(&hub.path("secrets/ca.pem"));
    hub.run("centre/receive_records").exit(0);
    hub
}

/// State, the partner's result and the last error of the delivery.
fn delivery(hub: &Hub) -> Json {
    let shown = hub.json("deliveries show 1");
    let row = shown.get("delivery").expect("a delivery");
    json!([row["state"], row["ack_result"], row["last_error"]])
}

fn good(request: &Request) -> Answer {
    let name = request.part("fileName").unwrap_or("?");
    let answer = json!({ "reqFileName": name, "stateCode": "200" });
    Answer::Says(200, answer.to_string())
}

const SIGNED: &str = r#"addresses = ["127.0.0.1"]
path = "61/bin/{path_name}"
path_name = { "." = "@_@" }
headers = { binfile-md5 = "{md5}" }
body = { multipart = { file = "binFile", fields = { fileName = "{name}", sign = "{sign}" } } }
sign = { over = "binFile={md5_upper}&encryptType=NONE&signType=MD5&version=1.0&filename={name}", with = "md5", output = "upper" }"#;

#[test]
fn an_upload_is_signed_and_its_answer_kept_read_and_matched() {
    let server = HttpsServer::start(good);
    let hub = hub(&server, SIGNED);
    hub.run("centre/upload_records").exit(0);
    let [request]: [Request; 1] = server.requests().try_into().expect("one request");
    let name = request.part("fileName").expect("a name").to_owned();
    let stem = name.strip_suffix(".json").expect("its ending");
    assert!(
        request
            .head
            .starts_with(&format!("POST /base/61/bin/{stem}@_@json HTTP/1.1\r\n")),
        "{}",
        request.head
    );
    let content = r#"{"serial":1,"id":"A","operation":1}"#;
    assert_eq!(request.part("binFile"), Some(content));
    let digest = PeerDigest::Md5.of(content.as_bytes());
    assert_eq!(request.header("binfile-md5"), Some(digest.as_str()));
    let digest = digest.to_uppercase();
    let text =
        format!("binFile={digest}&encryptType=NONE&signType=MD5&version=1.0&filename={name}");
    let expected = PeerDigest::Md5.of(text.as_bytes()).to_uppercase();
    assert_eq!(request.part("sign"), Some(expected.as_str()));
    assert_eq!(delivery(&hub), json!(["sent", null, null]));
    hub.run("centre/receive_answers").exit(0);
    assert_eq!(delivery(&hub), json!(["acknowledged", "200", null]));
}

#[test]
fn what_surely_did_nothing_waits_to_be_tried_again() {
    let says = |status| move |_: &Request| Answer::Says(status, "no\r\nthanks".to_owned());
    for (status, why) in [
        (
            302,
            "refused with status 302: it wants the request at another address, which is not followed",
        ),
        (400, "refused with status 400: no  thanks"),
        (
            503,
            "answered with status 503, which asks to come again later",
        ),
    ] {
        let server = HttpsServer::start(says(status));
        let hub = hub(&server, HERE);
        hub.run("centre/upload_records").exit(1);
        let why = format!("the host `localhost` {why}");
        assert_eq!(delivery(&hub), json!(["staged", null, why]));
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[test]
fn nothing_is_sent_to_an_address_or_a_host_that_is_not_trusted() {
    let server = HttpsServer::start(good);
    let elsewhere = "addresses = [\"192.0.2.7\", \"10.0.0.0/8\"]\n";
    let hub = self::hub(&server, elsewhere);
    hub.run("centre/upload_records").exit(1);
    let row = delivery(&hub);
    assert_eq!(row[0], json!("staged"));
    let said = row[2].as_str().expect("an error");
    assert!(
        said.contains("which is not in `addresses` of the connection; nothing was sent"),
        "{said}"
    );
    // The certificate of a server whose signer nobody named.
    let other = HttpsServer::start(good);
    let hub = self::hub(&server, HERE);
    other.write_ca(&hub.path("secrets/ca.pem"));
    hub.run("centre/upload_records").exit(1);
    let row = delivery(&hub);
    assert_eq!(row[0], json!("staged"));
    let said = row[2].as_str().expect("an error");
    assert!(
        said.starts_with("the host `localhost` is not trusted: "),
        "{said}"
    );
    // One that is right, and asked for under another name.
    let url = format!("https://localhost:{}", server.port);
    let hub =
        self::hub(&server, HERE).edit("dukou.toml", &url, &url.replace("localhost", "127.0.0.1"));
    hub.run("centre/upload_records").exit(1);
    let row = delivery(&hub);
    let said = row[2].as_str().expect("an error");
    assert!(
        said.starts_with("the host `127.0.0.1` is not trusted: "),
        "{said}"
    );
    assert!(server.requests().is_empty());
}

#[test]
fn an_unknown_outcome_is_never_sent_again_by_itself() {
    for (answer, why) in [
        (
            Answer::Floods,
            "the answer has more than 2000 bytes (`answer_bytes`)",
        ),
        (
            Answer::IsSilent,
            "nothing moved for `idle_secs`, or it took longer than `total_secs`",
        ),
        (Answer::Drips, "it took longer than `total_secs`"),
        (
            Answer::Says(500, "oops".to_owned()),
            "it answered with status 500: oops",
        ),
        (
            Answer::Breaks("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"state".to_owned()),
            "peer closed connection without sending TLS close_notify",
        ),
        (
            Answer::Breaks("SSH-2.0-x\r\n\r\n".to_owned()),
            "the answer is no HTTP",
        ),
    ] {
        let shown = format!("{answer:?}");
        let server = HttpsServer::start(move |_| answer.clone());
        let hub = hub(&server, HERE);
        hub.run("centre/upload_records").exit(1);
        server.until_done();
        let row = delivery(&hub);
        assert_eq!(row[0], json!("unproven"), "{shown}");
        let said = row[2].as_str().expect("an error");
        assert!(said.contains(why), "{shown}: {said}");
        hub.dukou("recover").exit(0);
        hub.run("centre/upload_records").exit(0);
        assert_eq!(server.requests().len(), 1, "{shown}");
        hub.dukou("status").exit(0).says("结果不明");
        let status = hub.json("status");
        let event = status.pointer("/status/events/0/name");
        assert_eq!(event, Some(&json!("outcome-unknown")), "{shown}");
    }
}

#[test]
fn a_person_ends_the_doubt() {
    let server = HttpsServer::start(|_| Answer::Says(500, String::new()));
    let hub = hub(&server, HERE);
    hub.run("centre/upload_records").exit(1);
    hub.dukou("deliveries resend 1 --reason asked").exit(1);
    assert_eq!(server.requests().len(), 2);
    assert_eq!(delivery(&hub)[0], json!("unproven"));
    hub.dukou("deliveries cancel 1 --reason asked").exit(0);
    assert_eq!(delivery(&hub)[0], json!("cancelled"));
}

#[test]
fn where_twice_does_nothing_twice_it_is_sent_again() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = HttpsServer::start(move |request| {
        match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => Answer::Breaks(String::new()),
            _ => good(request),
        }
    });
    let hub = hub(&server, &format!("{SIGNED}\nrepeat = true"));
    hub.run("centre/upload_records").exit(1);
    assert_eq!(delivery(&hub)[0], json!("unproven"));
    hub.dukou("recover").exit(0);
    assert_eq!(delivery(&hub), json!(["sent", null, null]));
    let requests = server.requests();
    let names: Vec<Option<&str>> = requests
        .iter()
        .map(|request| request.part("fileName"))
        .collect();
    assert_eq!(names.len(), 2);
    assert_eq!(
        names.first(),
        names.last(),
        "the same file under the same name"
    );
}

#[test]
fn a_good_status_with_a_wrong_body_confirms_nothing() {
    let server = HttpsServer::start(|_| Answer::Says(200, "<html>welcome</html>".to_owned()));
    let hub = hub(&server, HERE);
    hub.run("centre/upload_records").exit(0);
    hub.run("centre/receive_answers").exit(1);
    assert_eq!(delivery(&hub), json!(["sent", null, null]));
    let held = hub.json("files list --state held");
    assert_eq!(
        held.pointer("/files/0/code"),
        Some(&json!("malformed-file"))
    );
}

#[test]
fn a_connection_that_cannot_be_right_is_a_problem_at_its_place() {
    for (more, message) in [
        (
            "addresses = [\"x\"]",
            "`x` is no address such as 192.0.2.7 and no net such as 10.1.0.0/16",
        ),
        (
            "addresses = []\nheaders = { auth = \"{secret}\" }",
            "the secret is used, and no `secret` says where it is kept",
        ),
        (
            "addresses = []\nquery = { s = \"{sign}\" }",
            "`{sign}` is used, and no `sign` says how it is made",
        ),
        (
            "addresses = []\nheaders = { Host = \"x\" }",
            "`Host` cannot be a header of the connection's own",
        ),
        (
            "addresses = []\nsecret = { env = \"X\" }\npath = \"{secret}\"",
            "`{secret}` stands in the address, where every log on the way keeps it",
        ),
    ] {
        let hub = Hub::of("fixtures/answers", "inbox/centre").without_store();
        let hub = hub.edit("dukou.toml", DIR, &connection("centre", 1, more));
        let problems = hub.dukou("check --json").exit(2).document();
        assert_eq!(
            problems.pointer("/problems/0/message"),
            Some(&json!(message))
        );
    }
}

/// The ministry's centre as it is shipped, over HTTPS: a card that it has already.
#[test]
fn the_centre_is_told_of_a_card_and_again_as_a_change() {
    const CARD: &str = include_str!(
        "../../fixtures/canonical/ministry_centre/card/BASIC_CARDUPLOAD_REQ_61_20240102083100456.json"
    );
    const NAME: &str = "BASIC_CARDUPLOAD_REQ_61_20240102083100456.json";
    let server = HttpsServer::start(|request| {
        let content = request.part("binFile").unwrap_or_default();
        let answer = match content.contains("\"operation\":1") {
            true => json!({ "stateCode": "704", "errorMsg": "该卡信息已上传" }),
            false => json!({ "stateCode": "200", "info": "ok" }),
        };
        Answer::Says(200, answer.to_string())
    });
    let dir = "[connection.ministry_centre.dir]\npath = \"inbox/ministry_centre\"";
    let http = connection("ministry_centre", server.port, SIGNED);
    let hub = Hub::of("", "inbox/ministry_centre")
        .edit("dukou.toml", dir, &http)
        .inbox(&format!("to_upload/{NAME}"), CARD.as_bytes());
    server.write_ca(&hub.path("secrets/ca.pem"));
    hub.run("ministry_centre/receive_handed_over").exit(0);
    hub.run("ministry_centre/upload_card").exit(0);
    hub.run("ministry_centre/receive_answers").exit(0);
    hub.run("ministry_centre/receive_answers").exit(0);
    let listed = hub.json("deliveries list");
    let rows = listed
        .get("deliveries")
        .and_then(Json::as_array)
        .expect("a list");
    let states: Vec<&Json> = rows.iter().map(|row| &row["state"]).collect();
    assert_eq!(states, ["acknowledged", "replaced"]);
    let requests = server.requests();
    let contents: Vec<String> = requests
        .iter()
        .filter_map(|r| r.part("binFile").map(str::to_owned))
        .collect();
    let changed = CARD.replace("\"operation\":1", "\"operation\":2");
    assert_eq!(contents, [CARD.to_owned(), changed]);
}
