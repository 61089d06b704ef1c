//! Every way in which a Region can fail, by a fault or by a real socket: what `list` calls it, and that nothing there counts as absent.

use std::any::Any;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use keyfleet::emulator::{Clock, Fleet, Running, start};
use serde_json::Value;
use tokio::net::TcpSocket;

use crate::program::{Program, Run};

const SICK: &str = "eu-west-1";
/// A Region that has to be switched on.
const OPT_IN: &str = "me-south-1";
const SOUND: [&str; 2] = ["us-east-1", "us-west-2"];

/// What fails a Region.
enum Cause {
    /// Lines of the fleet file.
    Fault(&'static str),
    /// An endpoint of the Region's own (empty: that of the others, by TLS), and what must stay open for as long as it is asked.
    Endpoint { url: String, _open: Box<dyn Any> },
}

struct Row {
    what: &'static str,
    region: &'static str,
    cause: Cause,
    status: &'static str,
    kind: &'static str,
}

fn fault(what: &'static str, text: &'static str, status: &'static str, kind: &'static str) -> Row {
    Row { what, region: SICK, cause: Cause::Fault(text), status, kind }
}

fn socket(what: &'static str, (url, open): (String, Box<dyn Any>), kind: &'static str) -> Row {
    Row { what, region: SICK, cause: Cause::Endpoint { url, _open: open }, status: "unreachable", kind }
}

/// Faults of single requests; each row ends in one status and one kind.
fn refusals() -> Vec<Row> {
    let refused = |what, code: &'static str, status, kind| fault(what, code, status, kind);
    vec![
        refused(
            "ListKeys denied",
            "operation = \"ListKeys\"\nkind = \"error\"\ncode = \"AccessDeniedException\"",
            "denied",
            "denied",
        ),
        refused("all denied", "kind = \"error\"\ncode = \"AccessDeniedException\"", "denied", "denied"),
        refused("throttled", "kind = \"error\"\ncode = \"ThrottlingException\"", "throttled", "throttled"),
        refused("expired", "kind = \"error\"\ncode = \"ExpiredTokenException\"", "expired", "expired_credentials"),
        refused("clock", "kind = \"error\"\ncode = \"RequestTimeTooSkewed\"\nstatus = 403", "error", "clock_skew"),
        refused("500", "kind = \"error\"\ncode = \"KMSInternalException\"", "error", "server_error"),
        refused("503", "kind = \"error\"\ncode = \"ServiceUnavailable\"", "error", "server_error"),
        refused("a code nobody knows", "kind = \"error\"\ncode = \"Odd\"", "error", "unexpected_answer"),
    ]
}

fn damages() -> Vec<Row> {
    vec![
        fault("html", "kind = \"html\"", "error", "unexpected_answer"),
        fault("garbage", "kind = \"garbage\"", "error", "unexpected_answer"),
        fault("huge", "kind = \"huge\"", "error", "unexpected_answer"),
        fault("truncate", "kind = \"truncate\"", "unreachable", "connect"),
        fault("drop_close", "kind = \"drop_close\"", "unreachable", "connect"),
        fault("hang", "kind = \"hang\"", "unreachable", "timeout"),
        fault("trickle", "kind = \"trickle\"", "unreachable", "timeout"),
        fault("repeat_marker", "operation = \"ListKeys\"\nkind = \"repeat_marker\"", "partial", "partial_listing"),
        fault("no_marker", "operation = \"ListKeys\"\nkind = \"no_marker\"", "partial", "partial_listing"),
    ]
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// Nobody listens there any more.
fn closed_port() -> (String, Box<dyn Any>) {
    let listener = TcpListener::bind(loopback()).unwrap();
    (format!("http://{}", listener.local_addr().unwrap()), Box::new(()))
}

fn silent_listener() -> (String, Box<dyn Any>) {
    let listener = TcpListener::bind(loopback()).unwrap();
    (format!("http://{}", listener.local_addr().unwrap()), Box::new(listener))
}

/// A listener that takes two connections, with as many as it took until one had to wait.
fn full_backlog() -> (String, Box<dyn Any>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(loopback()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok();
    let waiting: Vec<TcpStream> = std::iter::from_fn(connect).take(64).collect();
    assert!(waiting.len() < 64, "the backlog does not fill up");
    (format!("http://{address}"), Box::new((listener, waiting)))
}

/// Two keys in every Region, one in the sound ones alone.
fn serve(faults: &str) -> Running {
    let mut text = format!(
        "regions = [\"us-east-1\", \"us-west-2\", {SICK:?}, {OPT_IN:?}]\n[[accounts]]\nid = \"111122223333\"\n\
         regions_not_enabled = [{OPT_IN:?}]\n"
    );
    for name in ["everywhere", "everywhere-too"] {
        let key =
            ["[[keys]]\nname = \"", name, "\"\nprimary = \"us-east-1\"\nreplicas = [\"us-west-2\", \"", SICK, "\"]\n"];
        text.extend(key);
    }
    text.push_str("[[keys]]\nname = \"american\"\nprimary = \"us-east-1\"\nreplicas = [\"us-west-2\"]\n");
    text.push_str(faults);
    let fleet = Fleet::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    start(fleet, loopback(), Clock::new(1_795_284_000_000, || 0)).unwrap()
}

/// A listing under way.
struct Listing {
    row: Row,
    _server: Running,
    _program: Program,
    child: Child,
}

fn begin(row: Row) -> Listing {
    let faults = match &row.cause {
        Cause::Fault("") | Cause::Endpoint { .. } => String::new(),
        Cause::Fault(text) => format!("[[faults]]\nregion = {:?}\n{text}\n", row.region),
    };
    let server = serve(&faults);
    let program = Program::new();
    let regions = [&SOUND[..], &[row.region]].concat().join(",");
    let endpoint = server.endpoint();
    let mut command = program.command(&["list", "--region", &regions, "--output", "json", "--endpoint-url", &endpoint]);
    if let Cause::Endpoint { url: own, .. } = &row.cause {
        let own = if own.is_empty() { endpoint.replace("http:", "https:") } else { own.clone() };
        command.args(["--endpoint-url", &format!("{}={own}", row.region)]);
    }
    // Without a name server the resolver would take longer to say so than connecting may last.
    command.env("RES_OPTIONS", "timeout:1 attempts:1");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    Listing { row, _server: server, _program: program, child }
}

impl Listing {
    fn end(self) -> (Row, Run) {
        let output = self.child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (self.row, Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) })
    }
}

fn check(row: &Row, run: &Run) {
    let what = row.what;
    assert_eq!(run.code, Some(3), "{what}: {}", run.stderr);
    let fleet = run.json();
    assert_eq!(fleet["complete"], false, "{what}");
    for region in fleet["regions"].as_array().unwrap() {
        let name = region["region"].as_str().unwrap();
        let expected = if name == row.region { (row.status, Value::from(row.kind)) } else { ("loaded", Value::Null) };
        assert_eq!(
            (region["status"].as_str().unwrap(), region["reason"]["kind"].clone()),
            expected,
            "{what}: {region}"
        );
        let has_a_next_step = region["reason"]["next_step"].as_str().is_some_and(|step| !step.is_empty());
        assert_eq!(has_a_next_step, name == row.region, "{what}: {region}");
    }
    let keys = fleet["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 3, "{what}");
    for key in keys {
        assert!(!key["absent_regions"].as_array().unwrap().contains(&row.region.into()), "{what}: {key}");
    }
}

fn check_all(rows: Vec<Row>) {
    let listings: Vec<Listing> = rows.into_iter().map(begin).collect();
    for (row, run) in listings.into_iter().map(Listing::end) {
        check(&row, &run);
    }
}

#[test]
fn refusals_are_called_by_their_names() {
    check_all(refusals());
}

#[test]
fn damaged_answers_are_called_by_their_names() {
    check_all(damages());
}

#[test]
fn a_region_that_is_not_enabled_is_called_so() {
    check_all(vec![Row {
        what: "not enabled",
        region: OPT_IN,
        cause: Cause::Fault(""),
        status: "not_enabled",
        kind: "not_enabled",
    }]);
}

#[tokio::test]
async fn sockets_that_fail_are_called_by_their_names() {
    check_all(vec![
        socket("closed port", closed_port(), "connect"),
        socket("no answer", silent_listener(), "timeout"),
        socket("full backlog", full_backlog(), "timeout"),
        socket("TLS to a plain port", (String::new(), Box::new(())), "tls"),
        socket("no such name", ("https://no-such-host.invalid".to_owned(), Box::new(())), "dns"),
    ]);
}

/// A Region that answers for itself and not for one key, or says of a key that it lists that it has none.
#[test]
fn members_that_cannot_be_read_say_why() {
    let describe = |code: &str| format!("operation = \"DescribeKey\"\nkind = \"error\"\ncode = \"{code}\"");
    for (code, kind) in [("AccessDeniedException", "denied_by_key_policy"), ("NotFoundException", "contradiction")] {
        let row = fault(code, describe(code).leak(), "loaded", kind);
        let (_, run) = begin(row).end();
        assert_eq!(run.code, Some(3), "{code}: {}", run.stderr);
        let fleet = run.json();
        let mut members = 0;
        for key in fleet["keys"].as_array().unwrap() {
            let sick = key["related"].as_array().unwrap().iter().filter(|member| member["region"] == SICK);
            for member in sick {
                assert_eq!(
                    (&member["presence"], &member["reason"]["kind"]),
                    (&"unknown".into(), &kind.into()),
                    "{member}"
                );
                members += 1;
            }
        }
        assert_eq!(members, 2, "{code}: {fleet}");
    }
}
