//! HTTP/1.1 by hand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use keyfleet::emulator::Running;

/// Long enough for a loaded machine; a test that waits for it has failed.
const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    reader: BufReader<TcpStream>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Client {
    pub(crate) fn connect(server: &Running) -> Self {
        Self::connect_to(server.address())
    }

    pub(crate) fn connect_to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        Self { reader: BufReader::new(stream) }
    }

    /// Sends a request and reads its answer; the connection stays open for the next.
    pub(crate) fn request(&mut self, method: &str, path: &str, headers: &[(String, String)], body: &str) -> Answer {
        self.send(method, path, headers, body);
        self.answer().expect("the server closed the connection")
    }

    /// Sends what the server may not want to have.
    pub(crate) fn try_send(&mut self, method: &str, path: &str, headers: &[(String, String)], body: &str) {
        let text = message(method, path, headers, body);
        // A connection that is closed already refuses.
        let _ = self.reader.get_mut().write_all(text.as_bytes());
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &[(String, String)], body: &str) {
        let text = message(method, path, headers, body);
        self.reader.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// The next answer; None if the connection ends instead.
    pub(crate) fn answer(&mut self) -> Option<Answer> {
        let (status, headers) = self.head()?;
        let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
        self.reader.read_exact(&mut body).ok()?;
        Some(Answer { status, headers, body: String::from_utf8(body).unwrap() })
    }

    /// The status and the headers of the next answer; None if the connection ends instead.
    pub(crate) fn head(&mut self) -> Option<(u16, Vec<(String, String)>)> {
        let status = self.line()?.split(' ').nth(1)?.parse().ok()?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Some((status, headers))
    }

    /// What comes until so many bytes are there or the connection ends.
    pub(crate) fn bytes(&mut self, most: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A connection that is reset has ended as well.
        let _ = (&mut self.reader).take(most).read_to_end(&mut bytes);
        bytes
    }

    /// Nothing arrives in a while, and the connection is still open.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.reader.get_ref().set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let read = self.reader.read(&mut [0]);
        self.reader.get_ref().set_read_timeout(Some(DEADLINE)).unwrap();
        read.is_err_and(|error| matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut))
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.reader.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    }
}

fn message(method: &str, path: &str, headers: &[(String, String)], body: &str) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| name == "Host") {
        text.push_str("Host: 127.0.0.1\r\n");
    }
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    text.push_str("\r\n");
    text.push_str(body);
    text
}

pub(crate) fn header(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// A signature's header, of which this server reads the scope only.
pub(crate) fn signed(region: &str, service: &str) -> (String, String) {
    let scope = format!("AKIDEXAMPLE/20261121/{region}/{service}/aws4_request");
    header("Authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"))
}

pub(crate) fn kms_headers(region: &str, operation: &str) -> Vec<(String, String)> {
    vec![
        header("Content-Type", "application/x-amz-json-1.1"),
        header("X-Amz-Target", format!("TrentService.{operation}")),
        signed(region, "kms"),
    ]
}
