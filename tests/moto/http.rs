//! HTTP without any AWS client: what seeds moto, and what stands in front of it to answer as AWS does where moto does
//! not.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request that came.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// `GET`, …
    pub(super) method: String,
    /// The path and the query, as sent.
    pub(super) path: String,
    /// In small letters, with their values.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    /// A value of the query, decoded.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(decoded)
    }

    fn read(stream: &TcpStream) -> Option<Self> {
        let mut from = BufReader::new(stream);
        let mut line = String::new();
        from.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, path) = (words.next()?, words.next()?);
        let mut headers = Vec::new();
        loop {
            line.clear();
            from.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Self { method, path, headers, body: Vec::new() };
        let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        request.body.resize(length, 0);
        from.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    /// Sends it on, and gives the whole answer, head and body, as it came.
    pub(super) fn send(&self, url: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
        let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", self.method, self.path);
        for (name, value) in self.headers.iter().filter(|(name, _)| name != "connection") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        stream.write_all(&self.body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }
}

/// Each byte that is no letter, digit, slash, or one of `-._~`, as `%` and two digits.
pub(super) fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let byte = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(byte).collect()
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

/// An answer, head and body.
pub(super) fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    [text.as_bytes(), b"\r\n", body].concat()
}

/// An error as S3 answers it.
pub(super) fn s3_error(status: &str, code: &str, message: &str) -> Vec<u8> {
    let body =
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
    answer(status, &[("content-type", "application/xml")], body.as_bytes())
}

/// Sends a call to moto, which goes by the service and the Region that the signature names, and checks no signature.
pub(super) fn call(url: &str, (service, region): (&str, &str), request: Request) -> String {
    let scope = format!("Credential=management/20260101/{region}/{service}/aws4_request");
    let mut request = request;
    let signature = format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=x");
    let length = request.body.len().to_string();
    for (name, value) in [("host", "127.0.0.1"), ("authorization", &signature), ("content-length", &length)] {
        request.headers.push((name.to_owned(), value.to_owned()));
    }
    let answer = String::from_utf8(request.send(url)).unwrap();
    let status = answer.split_whitespace().nth(1).unwrap();
    assert!(status.starts_with('2'), "{} {}: {answer}", request.method, request.path);
    answer
}

/// Stands in front of moto: answers what a test wants answered, and sends the rest on.
pub(super) struct Front {
    url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Front {
    /// `instead` gives an answer, or leaves it to moto.
    pub(super) fn new(
        behind: &str,
        instead: impl Fn(&Request) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (instead, behind, held) = (Arc::new(instead), behind.to_owned(), Arc::clone(&seen));
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (instead, behind, held) = (Arc::clone(&instead), behind.clone(), Arc::clone(&held));
                std::thread::spawn(move || {
                    let Some(request) = Request::read(&stream) else { return };
                    held.lock().unwrap().push(request.clone());
                    let answer = instead(&request).unwrap_or_else(|| request.send(&behind));
                    // A client that was ended does not read it.
                    let _ = (&stream).write_all(&answer).and_then(|()| stream.shutdown(Shutdown::Write));
                });
            }
        });
        Self { url, seen }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// All requests so far, in the order of their coming.
    pub(super) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}
