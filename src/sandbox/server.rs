//! The HTTP server: loopback only, until the handle is dropped.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt as _};
use http_body_util::{BodyExt as _, Either, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, DATE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::auth::access_key;
use super::faults::Faults;
use super::http::{Reply, handle};
use super::log::{Count, Log, Recorded};
use super::own;
use super::throttle::Throttle;
use super::world::World;
use crate::model::clock::Clock;
use crate::model::ids::AccountId;

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

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) world: Mutex<World>,
    pub(super) throttle: Option<Mutex<Throttle>>,
    pub(super) faults: Faults,
    pub(super) latency: Duration,
    pub(super) keeps_calls: bool,
    pub(super) clock: Clock,
    pub(super) clock_ahead_seconds: i64,
    pub(super) started_at: Timestamp,
    pub(super) log: Mutex<Log>,
    /// The last `Date` header, and its second.
    date: Mutex<Option<(i64, HeaderValue)>>,
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
            throttle: options.throttle.then(Mutex::default),
            faults: options.faults.and(world.faults.iter().cloned()),
            clock_ahead_seconds: world.clock_ahead_seconds,
            latency: options.latency,
            keeps_calls: options.keeps_calls,
            started_at: options.clock.now(),
            clock: options.clock,
            log: Mutex::default(),
            date: Mutex::default(),
            world: Mutex::new(world),
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
        self.counted(|count| count.received)
    }

    /// How many calls of each action were answered that there are too many; actions without such are not
    /// named.
    #[must_use]
    pub fn throttled(&self) -> BTreeMap<String, u64> {
        self.counted(|count| count.throttled)
    }

    fn counted(&self, of: impl Fn(&Count) -> u64) -> BTreeMap<String, u64> {
        let log = self.shared.log.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = log.counts.iter().map(|(action, count)| (action.clone(), of(count)));
        counted.filter(|(_, count)| *count > 0).collect()
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
pub(super) type Pieces = StreamBody<BoxStream<'static, Result<Frame<Bytes>, CutOff>>>;
pub(super) type Body = Either<Full<Bytes>, Pieces>;

/// The connection breaks here, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("cut off")]
pub(super) struct CutOff;

async fn respond(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    if parts.method == Method::GET
        && let Some(response) = own::answer(&shared, parts.uri.path())
    {
        return Ok(response);
    }
    let body = match Limited::new(body, LARGEST_REQUEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => Bytes::new(),
    };
    if !shared.latency.is_zero() {
        tokio::time::sleep(shared.latency).await;
    }
    let Reply { answer, is_cut, delay } = handle(&shared, &parts.headers, &body);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let Answer { status, content_type, body } = answer;
    let body = if is_cut { Either::Right(cut(body)) } else { Either::Left(Full::from(body)) };
    let response = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, HeaderValue::from_static(content_type))
        .header(DATE, shared.date());
    // Every part is one of ours, so the builder cannot refuse it; if it did, an empty 200 would be seen.
    Ok(response.body(body).unwrap_or_else(|_| Response::new(Either::Left(Full::default()))))
}

fn cut(body: String) -> Pieces {
    let mut half = body.into_bytes();
    half.truncate(half.len() / 2);
    StreamBody::new(stream::iter(vec![Ok(Frame::data(Bytes::from(half))), Err(CutOff)]).boxed())
}

impl Shared {
    /// The `Date` header, written once a second.
    fn date(&self) -> HeaderValue {
        let now = self.now();
        let mut date = self.date.lock().unwrap_or_else(PoisonError::into_inner);
        match &*date {
            Some((second, text)) if *second == now.as_second() => text.clone(),
            _ => {
                let text = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
                let text = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
                *date = Some((now.as_second(), text.clone()));
                text
            }
        }
    }
}
