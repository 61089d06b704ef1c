//! A server on loopback that answers with constant bytes, whatever it is asked: what a portal, a proxy or a dying server sends.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::domain::text::Foreign;
use crate::engine::settings::{EndpointOrigin, Endpoints};

pub(crate) struct Stub(TcpListener);

/// Every Region behind one endpoint.
pub(crate) fn endpoints(url: &str) -> Endpoints {
    Endpoints { everywhere: Some(Foreign::new(url)), by_region: BTreeMap::new(), origin: EndpointOrigin::CommandLine }
}

/// An answer that closes its connection.
pub(crate) fn http(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}").into_bytes()
}

/// An answer as KMS sends it.
pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    http(status, "content-type: application/x-amz-json-1.1\r\nx-amzn-requestid: req-1\r\n", body)
}

impl Stub {
    pub(crate) async fn open() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) fn endpoints(&self) -> Endpoints {
        endpoints(&format!("http://{}", self.0.local_addr().unwrap()))
    }

    /// Answers one connection after the other and gives the requests that came.
    pub(crate) async fn answer(&self, answers: &[Vec<u8>]) -> Vec<String> {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = self.0.accept().await.unwrap();
            requests.push(request(&mut stream).await);
            stream.write_all(answer).await.unwrap();
            stream.shutdown().await.unwrap();
        }
        requests
    }

    /// Speaks first, and then listens until the other side gives up.
    pub(crate) async fn greet(&self, words: &[u8]) {
        let (mut stream, _) = self.0.accept().await.unwrap();
        stream.write_all(words).await.unwrap();
        let mut heard = Vec::new();
        let _ended = stream.read_to_end(&mut heard).await;
    }

    /// Answers once with as many zeros as are taken, and says how many went out.
    pub(crate) async fn flood(&self, most: usize) -> usize {
        let (mut stream, _) = self.0.accept().await.unwrap();
        request(&mut stream).await;
        let head = format!("HTTP/1.1 200 X\r\ncontent-length: {most}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let (chunk, mut sent) = (vec![b' '; 65_536], 0);
        while sent < most && stream.write_all(&chunk).await.is_ok() {
            sent += chunk.len();
        }
        sent
    }

    /// Whether anyone has come.
    pub(crate) async fn was_called(&self) -> bool {
        let waiting = std::future::poll_fn(|context| std::task::Poll::Ready(self.0.poll_accept(context).is_ready()));
        // Let whatever is on its way through the loopback arrive: a connection that was made is in the backlog at once.
        tokio::task::yield_now().await;
        waiting.await
    }

    /// Stops listening; the address then refuses connections.
    pub(crate) fn close(self) -> Endpoints {
        self.endpoints()
    }
}

/// Reads one request whole.
async fn request(stream: &mut TcpStream) -> String {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4_096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        let read = stream.read(&mut chunk).await.unwrap();
        if read == 0 {
            return text;
        }
        bytes.extend_from_slice(&chunk[..read]);
    }
}

#[tokio::test]
async fn a_call_is_noticed() {
    let stub = Stub::open().await;
    assert!(!stub.was_called().await);
    let _caller = TcpStream::connect(stub.0.local_addr().unwrap()).await.unwrap();
    assert!(stub.was_called().await);
}
