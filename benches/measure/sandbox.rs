//! How many requests the sandbox answers in a second of CPU: it must never hide what the scan costs.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::process::{SandboxProcess, cpu_of};

const CONNECTIONS: usize = 16;

pub(crate) fn measure(part: usize) -> bool {
    let sandbox = SandboxProcess::start(&["--generate", "accounts=40,regions=1,images=25000,seed=1"]);
    let address = sandbox.url.trim_start_matches("http://").to_owned();
    let id = some_image(&address, &sandbox.key);
    let body =
        format!("Action=DescribeImageAttribute&Version=2016-11-15&Attribute=launchPermission&ImageId={id}");
    let request = request(&sandbox.key, &body);
    let (before, begun) = (cpu_of(sandbox.id()), Instant::now());
    let until = begun + Duration::from_secs_f64(10.0 / part as f64);
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (address, request) = (address.clone(), request.clone());
            std::thread::spawn(move || drive(&address, &request, until))
        })
        .collect();
    let answered: u64 = clients.into_iter().map(|client| client.join().expect("a client")).sum();
    let (cpu, wall) = (cpu_of(sandbox.id()) - before, begun.elapsed().as_secs_f64());
    let memory = std::fs::read_to_string(format!("/proc/{}/status", sandbox.id())).unwrap_or_default();
    let memory = memory.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned();
    println!("{answered} requests in {wall:.1} s and {cpu:.1} s of its CPU; {memory} with 1,000,000 images");
    let rate = answered as f64 / cpu;
    println!("requests a CPU second: {rate:.0}, at least 10000 wanted: {}", word(rate >= 10_000.0));
    rate >= 10_000.0
}

fn word(holds: bool) -> &'static str {
    if holds { "holds" } else { "DOES NOT HOLD" }
}

/// A request as an SDK sends it; the sandbox looks at the signature's scope and not at the signature.
fn request(key: &str, body: &str) -> Vec<u8> {
    let now = jiff::Timestamp::now();
    let (day, time) = (now.strftime("%Y%m%d"), now.strftime("%Y%m%dT%H%M%SZ"));
    let signature = "0".repeat(64);
    format!(
        "POST / HTTP/1.1\r\nhost: sandbox\r\nx-amz-date: {time}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential={key}/{day}/us-east-1/ec2/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, Signature={signature}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn some_image(address: &str, key: &str) -> String {
    let body = "Action=DescribeImages&Version=2016-11-15&Owner.1=self&MaxResults=5";
    let mut stream = TcpStream::connect(address).expect("the sandbox");
    stream.write_all(&request(key, body)).expect("sent");
    let answer = String::from_utf8_lossy(&answer(&mut stream, &mut Vec::new())).into_owned();
    let from = answer.split_once("<imageId>").expect("an image").1;
    from.split_once("</imageId>").expect("its id").0.to_owned()
}

fn drive(address: &str, request: &[u8], until: Instant) -> u64 {
    let mut stream = TcpStream::connect(address).expect("the sandbox");
    stream.set_nodelay(true).expect("TCP");
    let (mut answered, mut buffer) = (0, Vec::new());
    while Instant::now() < until {
        stream.write_all(request).expect("sent");
        let answer = answer(&mut stream, &mut buffer);
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        answered += 1;
    }
    answered
}

/// Reads one whole answer.
fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Vec<u8> {
    buffer.clear();
    let mut piece = [0; 16 << 10];
    loop {
        let read = stream.read(&mut piece).expect("an answer");
        assert!(read > 0, "the connection ended");
        buffer.extend_from_slice(&piece[..read]);
        let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let headers = String::from_utf8_lossy(&buffer[..head]).to_lowercase();
        let length = headers.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|text| text.trim().parse().ok()).expect("a length");
        if buffer.len() >= head + 4 + length {
            return buffer.clone();
        }
    }
}
