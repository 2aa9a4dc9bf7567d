//! CloudTrail's LookupEvents: the event history of one account in one Region, newest first.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::answer::{Answer, AwsError, json};
use super::auth::Asker;
use super::history::{Entry, Key};
use super::world::World;
use crate::model::place::Place;

/// The most that a page holds, and what it holds unless less is asked for.
const PAGE: usize = 50;

/// How far the history reaches back.
const REACH: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Answers a CloudTrail call. `now` is the time that the history goes by.
pub(super) fn answer(
    world: &World,
    asker: &Asker,
    action: &str,
    input: &Value,
    now: Timestamp,
) -> Result<Answer, AwsError> {
    if action != "LookupEvents" {
        return Err(refused("UnknownOperationException", &format!("There is no operation {action} here.")));
    }
    if !world.is_enabled(&asker.place) {
        let message = "The security token included in the request is invalid.";
        return Err(refused("UnrecognizedClientException", message));
    }
    let query = Query::read(input, now)?;
    Ok(json(query.page(world, &asker.place)))
}

fn refused(code: &str, message: &str) -> AwsError {
    AwsError::new(400, code, message)
}

/// A call that may not look anything up, in the words of IAM.
pub(super) fn denied(asker: &Asker, action: &str) -> String {
    format!(
        "User: {} is not authorized to perform: cloudtrail:{action} because no identity-based policy allows the \
         cloudtrail:{action} action",
        asker.arn()
    )
}

/// What is looked up.
struct Query<'a> {
    attribute: Option<(&'a str, &'a str)>,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
    size: usize,
    /// The page before, and the event that it ended with.
    after: Option<(usize, Key)>,
    /// Stands for the parameters, which are the same on each page.
    parameters: String,
    /// Whether it is of Insights events: there are none.
    is_of_insights: bool,
}

impl<'a> Query<'a> {
    fn read(input: &'a Value, now: Timestamp) -> Result<Self, AwsError> {
        let attribute = attribute(input)?;
        let (start, end) = (time(input, "StartTime")?, time(input, "EndTime")?);
        if start.zip(end).is_some_and(|(start, end)| start > end) {
            let message = "This exception is thrown if the timestamp values are not valid. Either the start time \
                           occurs after the end time, or the time range is outside the range of possible values.";
            return Err(refused("InvalidTimeRangeException", message));
        }
        let category = input.get("EventCategory").and_then(Value::as_str);
        if category.is_some_and(|category| category != "insight") {
            return Err(refused("InvalidEventCategoryException", "The event category is not valid."));
        }
        let size = match input.get("MaxResults").map(Value::as_u64) {
            None => PAGE,
            Some(Some(asked @ 1..=50)) => usize::try_from(asked).unwrap_or(PAGE),
            Some(_) => {
                return Err(refused("InvalidMaxResultsException", "The limit specified is not valid."));
            }
        };
        let oldest = now - REACH;
        let parameters = parameters(input);
        let after = match input.get("NextToken").and_then(Value::as_str) {
            None => None,
            Some(token) => Some(after(token, &parameters).ok_or_else(|| {
                let message =
                    "The token is not valid, or the request parameters differ from those that it came with.";
                refused("InvalidNextTokenException", message)
            })?),
        };
        Ok(Self {
            attribute,
            from: start.map_or(oldest, |start| start.max(oldest)),
            to: end.unwrap_or(now),
            now,
            size,
            after,
            parameters,
            is_of_insights: category.is_some(),
        })
    }

    /// The page that was asked for.
    fn page(&self, world: &World, place: &Place) -> Value {
        let newest = match self.after {
            Some((_, last)) => last,
            None => (self.to, u64::MAX),
        };
        let past = |key: &Key| self.after.is_none_or(|(_, last)| *key < last);
        let all = world.history.newest_first(place, (self.from, 0)..=newest, self.now);
        let fitting = all.filter(|(key, entry)| past(key) && self.picks(entry));
        let mut rest = fitting.filter(|_| !self.is_of_insights).peekable();
        let mut last = None;
        let mut events = Vec::new();
        while let Some((key, entry)) = rest.next_if(|_| events.len() < self.size) {
            events.push(shown(key, entry));
            last = Some(key);
        }
        let mut body = json!({ "Events": events });
        if let (Some((at, nth)), true, Some(fields)) = (last, rest.peek().is_some(), body.as_object_mut()) {
            let page = self.after.map_or(1, |(page, _)| page + 1);
            let token = format!("page-{page}-{}-{nth}-{}", at.as_second(), self.parameters);
            fields.insert("NextToken".to_owned(), json!(token));
        }
        body
    }

    fn picks(&self, entry: &Entry) -> bool {
        let resource = entry.resource.as_ref().map_or(("", ""), |(kind, name)| (*kind, name.as_str()));
        self.attribute.is_none_or(|(key, wanted)| {
            wanted
                == match key {
                    "EventId" => &entry.id,
                    "EventName" => &entry.name,
                    "EventSource" => &entry.source,
                    "Username" => &entry.user,
                    "AccessKeyId" => &entry.key,
                    "ResourceType" => resource.0,
                    "ResourceName" => resource.1,
                    // Only calls that write are recorded.
                    _ => "false",
                }
        })
    }
}

/// The one attribute that events are looked up by.
fn attribute(input: &Value) -> Result<Option<(&str, &str)>, AwsError> {
    let keys = [
        "AccessKeyId",
        "EventId",
        "EventName",
        "EventSource",
        "ReadOnly",
        "ResourceName",
        "ResourceType",
        "Username",
    ];
    let all = match input.get("LookupAttributes") {
        None | Some(Value::Null) => return Ok(None),
        Some(all) => all.as_array().map_or(&[][..], Vec::as_slice),
    };
    let invalid = |why: &str| Err(refused("InvalidLookupAttributesException", why));
    match all {
        [] => Ok(None),
        [one] => {
            let of = |name: &str| one.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            match of("AttributeKey").zip(of("AttributeValue")) {
                Some((key, value)) if keys.contains(&key) => Ok(Some((key, value))),
                _ => invalid("The lookup attribute is not valid."),
            }
        }
        _ => invalid("You can only use one lookup attribute."),
    }
}

/// A time in seconds since 1970.
fn time(input: &Value, name: &str) -> Result<Option<Timestamp>, AwsError> {
    let seconds = match input.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(seconds) => seconds.as_f64().map(|seconds| (seconds * 1_000.0).round() as i64),
    };
    let time = seconds.and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok());
    time.map(Some).ok_or_else(|| refused("SerializationException", &format!("{name} is not a time.")))
}

/// What all pages of one look-up have in common, in short.
fn parameters(input: &Value) -> String {
    let mut input = input.clone();
    if let Some(fields) = input.as_object_mut() {
        fields.shift_remove("NextToken");
        fields.sort_keys();
    }
    super::ids::uuid(&input.to_string()).replace('-', "")
}

/// The page that a token ends, and the event it ends with, if its parameters are these.
fn after(token: &str, parameters: &str) -> Option<(usize, Key)> {
    let parts: Vec<&str> = token.split('-').collect();
    let &["page", page, at, nth, made_for] = parts.as_slice() else { return None };
    let at = Timestamp::from_second(at.parse().ok()?).ok()?;
    let last = (at, nth.parse().ok()?);
    (made_for == parameters).then_some((page.parse().ok()?, last))
}

/// The page a token leads to; 1 where it is none of ours.
pub(super) fn page_of(token: &str) -> usize {
    let page = token.strip_prefix("page-").and_then(|rest| rest.split('-').next()?.parse::<usize>().ok());
    page.map_or(1, |page| page + 1)
}

/// An event as it is looked up.
fn shown((at, _): Key, entry: &Entry) -> Value {
    let mut event = json!({
        "EventId": entry.id,
        "EventName": entry.name,
        "ReadOnly": "false",
        "EventTime": at.as_second(),
        "EventSource": entry.source,
        "Username": entry.user,
        "Resources": [],
        "CloudTrailEvent": entry.record,
    });
    if let Some(fields) = event.as_object_mut() {
        if !entry.key.is_empty() {
            fields.insert("AccessKeyId".to_owned(), json!(entry.key));
        }
        if let Some((kind, name)) = &entry.resource {
            let resources = json!([{ "ResourceType": kind, "ResourceName": name }]);
            fields.insert("Resources".to_owned(), resources);
        }
    }
    event
}
