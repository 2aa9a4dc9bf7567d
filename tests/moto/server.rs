//! A moto server of the test's own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::python::{python, tool};

pub(super) struct Moto {
    server: Child,
    url: String,
}

impl Moto {
    pub(super) fn start() -> Self {
        Self::run(Command::new(tool("moto_server")).stdout(Stdio::null()))
    }

    /// One that has what moto lacks of Athena.
    pub(super) fn with_athena() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moto/athena_server.py");
        Self::run(Command::new(python()).arg(script).stdout(Stdio::piped()))
    }

    fn run(command: &mut Command) -> Self {
        // The port is free now, and nobody else asks for ports here.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = command
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
        let ready = lines.by_ref().map_while(Result::ok).any(|line| line.contains("Running on"));
        assert!(ready, "moto_server did not start");
        // It logs every request: somebody has to read that, or it blocks.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { server, url: format!("http://127.0.0.1:{port}") }
    }

    /// Waits until a query is asked after that hangs.
    pub(super) fn wait_until_asked(&mut self) {
        let mut lines = BufReader::new(self.server.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "asked"), "no query was asked after");
        // It goes on saying so.
        std::thread::spawn(move || lines.for_each(drop));
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
