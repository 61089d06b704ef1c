//! The dashboard in a real terminal: how it begins, what it leaves behind, and one change from key to key.

use crate::terminal::{After, Terminal};

fn demo() -> Terminal {
    let mut terminal = Terminal::open(&["--demo"], &[]);
    terminal.sees("payments-card-data");
    terminal
}

fn check(after: &After, code: u32) {
    assert_eq!(after.code, code, "{}", after.text);
    assert!(after.modes_are_as_before, "raw mode is left behind: {}", after.text);
    assert!(after.screen_is_as_before, "the screen is not given back: {}", after.text);
}

#[test]
fn q_gives_the_terminal_back() {
    let mut terminal = demo();
    terminal.press("q");
    check(&terminal.ended(), 0);
}

/// The second start has nobody to answer it, so that all it shows is what the first one kept.
#[test]
fn the_last_fleet_is_shown_at_the_next_start() {
    let server = crate::cli::watching::serve();
    let home = tempfile::tempdir().unwrap();
    let variables =
        [("HOME", home.path().to_str().unwrap()), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let arguments = ["--endpoint-url", &server.endpoint(), "--region", "us-east-1,eu-west-1"];
    let mut terminal = Terminal::open(&arguments, &variables);
    terminal.sees("1 of 1, worst first");
    terminal.press("q");
    check(&terminal.ended(), 0);
    let hang = r#"{"kind": "hang", "operation": "*"}"#;
    crate::emulator::http::Client::connect(&server).request("POST", "/_keyfleet/faults", &[], hang);
    let mut terminal = Terminal::open(&arguments, &variables);
    terminal.sees("payments");
    terminal.sees("last seen");
    terminal.press("q");
    check(&terminal.ended(), 0);
    let mut terminal = Terminal::open(&[&arguments[..], &["--no-cache"]].concat(), &variables);
    terminal.sees("no data yet");
    terminal.until("no key", |screen| !screen.contains("payments"));
    terminal.press("q");
    check(&terminal.ended(), 0);
}

#[test]
fn control_c_gives_the_terminal_back() {
    let mut terminal = demo();
    terminal.press("\u{3}");
    check(&terminal.ended(), 130);
}

#[test]
fn signals_give_the_terminal_back() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let terminal = demo();
        terminal.signal(signal);
        check(&terminal.ended(), code);
    }
}

/// Only debug builds can be asked to fail; an optimised one must not honour the request.
#[test]
fn a_panic_gives_the_terminal_back() {
    let terminal = Terminal::open(&["--demo"], &[("KEYFLEET_DEBUG_PANIC", "1")]);
    if cfg!(debug_assertions) {
        let after = terminal.ended();
        check(&after, 70);
        assert!(after.text.contains("bug in keyfleet"), "{}", after.text);
    }
}

#[test]
fn a_stopped_dashboard_comes_back() {
    let mut terminal = demo();
    terminal.signal("TSTP");
    terminal.until("the main screen", |screen| !screen.contains("payments-card-data"));
    terminal.signal("CONT");
    terminal.sees("payments-card-data");
    terminal.press("q");
    check(&terminal.ended(), 0);
}

#[test]
fn the_first_frame_says_what_it_waits_for() {
    let mut terminal = Terminal::open(&["--region", "us-east-1"], &[]);
    terminal.sees("credentials");
    terminal.sees("aws ");
    terminal.press("q");
    check(&terminal.ended(), 0);
}

#[test]
fn a_replica_is_made_from_the_keyboard_and_settles_on_its_row() {
    let mut terminal = demo();
    terminal.until("the end of the scan", |screen| !screen.contains("so far"));
    terminal.press("/");
    terminal.press("crm-sync");
    terminal.sees("crm-sync▁");
    terminal.press("\r");
    terminal.sees("filter: crm-sync");
    terminal.press("ll");
    terminal.until("the cursor in us-west-2", |screen| screen.contains("[·]"));
    terminal.press("R");
    terminal.sees("REPLICATE");
    let mut pages = 0;
    while !terminal.text().contains("Type the target Region") {
        pages += 1;
        assert!(pages < 40, "{}", terminal.text());
        terminal.until("the plan", |screen| screen.contains("lines seen") || screen.contains("Type the target Region"));
        let before = terminal.text();
        terminal.press("\u{1b}[6~");
        terminal.until("the next page", |screen| screen != before);
    }
    let mut typed = String::new();
    for letter in "us-west-2".chars() {
        typed.push(letter);
        // What is typed in the first moments of a dialog does not count: it is typed again until it is seen.
        let mut tries = 0;
        while !field(&terminal.text()).contains(&typed) {
            tries += 1;
            assert!(tries < 400, "{}", terminal.text());
            let before = terminal.text();
            terminal.press(&letter.to_string());
            terminal.until("the echo", |screen| screen != before || field(screen).contains(&typed));
        }
    }
    terminal.press("\r");
    terminal.until("the new replica", |screen| screen.contains("R~"));
    terminal.until("the settled replica", |screen| screen.contains("[R]"));
    terminal.press("q");
    let after = terminal.ended();
    check(&after, 0);
    assert!(after.text.contains("head"), "the journal's head is printed: {}", after.text);
}

/// The line that takes the confirmation.
fn field(screen: &str) -> &str {
    screen.lines().find(|line| line.contains("Type the target Region")).unwrap_or_default()
}

/// The demo's own emulator is told to go dark in one Region: what the dashboard had read of it is the last that is known.
#[test]
fn a_region_of_the_demo_goes_dark_and_its_loss_is_shown() {
    let mut terminal = demo();
    terminal.until("the end of the scan", |screen| !screen.contains("so far"));
    terminal.sees("endpoint http://127.0.0.1:");
    let screen = terminal.text();
    let (_, port) = screen.split_once("http://127.0.0.1:").unwrap();
    let port: String = port.chars().take_while(char::is_ascii_digit).collect();
    let dark =
        r#"{"kind": "error", "code": "InternalFailure", "status": 500, "region": "us-east-1", "operation": "*"}"#;
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
    crate::emulator::http::Client::connect_to(address).request("POST", "/_keyfleet/faults", &[], dark);
    terminal.press("\u{12}lL");
    terminal.sees("Keys, not data.");
    terminal.sees("LOST [x use1]");
    terminal.sees("us-east-1 CANNOT BE READ: shown as last known");
    terminal.sees("frozen");
    terminal.press("q");
    terminal.press("q");
    check(&terminal.ended(), 0);
}
