//! What the sandbox tells of itself, outside AWS's protocols and without a signature: the standing grants,
//! the calls that came, and what CloudTrail says.

use std::sync::{Arc, PoisonError};

use futures::stream::{self, StreamExt as _};
use http_body_util::{Either, Full, StreamBody};
use hyper::Response;
use hyper::body::{Bytes, Frame};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value, json};

use super::images::Mark;
use super::server::{Body, Shared};

/// Images looked at for one piece of the truth: few enough that calls need not wait long for the world.
const PIECE: u64 = 10_000;

/// The answer to `GET` of one of the sandbox's own paths.
pub(super) fn answer(shared: &Arc<Shared>, path: &str) -> Option<Response<Body>> {
    let (kind, body) = match path {
        "/sandbox/truth" => ("application/x-ndjson", truth(Arc::clone(shared))),
        "/sandbox/trail" => ("application/json", trail(shared)),
        "/sandbox/calls" => ("application/json", calls(shared)),
        _ => return None,
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Some(response)
}

/// How many calls of each action were received and throttled.
fn calls(shared: &Shared) -> Body {
    let log = shared.log.lock().unwrap_or_else(PoisonError::into_inner);
    let counts: Map<String, Value> = log
        .counts
        .iter()
        .map(|(action, count)| {
            (action.clone(), json!({ "received": count.received, "throttled": count.throttled }))
        })
        .collect();
    Either::Left(Full::from(format!("{}\n", Value::Object(counts))))
}

/// CloudTrail's records of all places, in its own envelope.
fn trail(shared: &Shared) -> Body {
    let world = shared.world.lock().unwrap_or_else(PoisonError::into_inner);
    let records: Vec<&str> = world.records(shared.trail_now(&world)).collect();
    Either::Left(Full::from(format!("{{\"Records\":[{}]}}\n", records.join(",\n"))))
}

/// The standing grants, a line each. Made piece by piece as the client reads, for there may be millions.
fn truth(shared: Arc<Shared>) -> Body {
    let pieces = stream::unfold((shared, Mark::default()), |(shared, mut mark)| async move {
        while !mark.is_at_end {
            let piece = lines(&shared, &mut mark);
            if !piece.is_empty() {
                return Some((Ok(Frame::data(Bytes::from(piece))), (shared, mark)));
            }
            // Nothing was found so far: others may have their turn.
            tokio::task::yield_now().await;
        }
        None
    });
    Either::Right(StreamBody::new(pieces.boxed()))
}

fn lines(shared: &Shared, mark: &mut Mark) -> String {
    let world = shared.world.lock().unwrap_or_else(PoisonError::into_inner);
    let found = world.images.grants_after(mark, PIECE);
    drop(world);
    let line = |(place, image, grant): &(crate::model::place::Place, String, super::world::Grant)| {
        let line = json!({
            "account": place.account.to_string(),
            "region": place.region.as_str(),
            "image": image,
            "member": grant.member,
            "value": grant.value,
        });
        format!("{line}\n")
    };
    found.iter().map(line).collect()
}
