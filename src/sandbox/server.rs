//! The HTTP server: loopback only, until the handle is dropped.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::stream;
use http_body_util::{BodyExt as _, Either, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::auth::access_key;
use super::faults::Faults;
use super::http::{Reply, handle};
use super::throttle::Throttle;
use super::world::World;
use crate::model::clock::Clock;
use crate::model::ids::AccountId;
use crate::model::place::Place;

/// The largest request that is read; ModifyImageAttribute with 10,000 account ids has some 400 KB.
const LARGEST_REQUEST: usize = 4 << 20;

/// How the endpoint behaves.
#[derive(Debug)]
pub struct Options {
    /// The port; 0 for any that is free.
    pub port: u16,
    /// Waited before every answer.
    pub latency: Duration,
    /// Whether requests are limited as AWS limits them.
    pub throttle: bool,
    /// What goes wrong at random.
    pub faults: Faults,
    /// Whether every call is kept for [`Sandbox::calls`]; they are counted in any case.
    pub keeps_calls: bool,
    /// The time.
    pub clock: Clock,
}

/// A call that the endpoint received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Who asked, and where.
    pub place: Place,
    /// The action.
    pub action: String,
    /// The parameters of EC2's and STS's calls.
    pub params: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) counts: BTreeMap<String, u64>,
    pub(super) calls: Vec<Recorded>,
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) world: Mutex<World>,
    pub(super) throttle: Option<Mutex<Throttle>>,
    pub(super) faults: Faults,
    pub(super) latency: Duration,
    pub(super) keeps_calls: bool,
    pub(super) clock: Clock,
    pub(super) log: Mutex<Log>,
}

/// A running endpoint; it ends when this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// Starts to serve `world` on 127.0.0.1.
    ///
    /// # Errors
    /// The port cannot be had.
    pub async fn start(world: World, options: Options) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            throttle: options.throttle.then(Mutex::default),
            faults: options.faults,
            latency: options.latency,
            keeps_calls: options.keeps_calls,
            clock: options.clock,
            log: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    /// The endpoint's URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The long-term access key of an account; any secret goes with it.
    #[must_use]
    pub fn access_key(account: AccountId) -> String {
        access_key(account)
    }

    /// What exists now.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls received, if they are kept.
    #[must_use]
    pub fn calls(&self) -> Vec<Recorded> {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).calls.clone()
    }

    /// How many calls of each action were received.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).counts.clone()
    }

    /// Serves until it fails, which it does not by itself.
    pub async fn serve(mut self) {
        // The task ends only with the process, or by the abort in `drop`.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _handle = connections.spawn(serve(stream, Arc::clone(&shared)));
                }
                // Out of file handles, say: the next connection may fare better.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Answers are small; waiting to fill a packet would cost 40 ms each.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| respond(Arc::clone(&shared), request));
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// A body that comes in pieces, of which one may be the break.
type Pieces = StreamBody<stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, CutOff>>>>;
type Body = Either<Full<Bytes>, Pieces>;

/// The connection breaks here, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("cut off")]
struct CutOff;

async fn respond(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST_REQUEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => Bytes::new(),
    };
    if !shared.latency.is_zero() {
        tokio::time::sleep(shared.latency).await;
    }
    let (answer, whole) = match handle(&shared, &parts.headers, &body) {
        Reply::Whole(answer) => (answer, true),
        Reply::CutOff(answer) => (answer, false),
    };
    let Answer { status, content_type, body } = answer;
    let ahead = shared.world.lock().unwrap_or_else(PoisonError::into_inner).clock_ahead_seconds;
    let date = shared.clock.now() + jiff::SignedDuration::from_secs(ahead);
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let body = if whole { Either::Left(Full::from(body)) } else { Either::Right(cut(body)) };
    let response =
        Response::builder().status(status).header("content-type", content_type).header("date", date);
    // Every part is one of ours, so the builder cannot refuse it; if it did, an empty 200 would be seen.
    Ok(response.body(body).unwrap_or_else(|_| Response::new(Either::Left(Full::default()))))
}

fn cut(body: String) -> Pieces {
    let mut half = body.into_bytes();
    half.truncate(half.len() / 2);
    StreamBody::new(stream::iter(vec![Ok(Frame::data(Bytes::from(half))), Err(CutOff)]))
}
