//! Answers and errors, in the shape of the service that was asked.

use super::call::Service;
use super::xml::Xml;

/// The namespace of EC2's query protocol.
pub(super) const EC2: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";
/// The namespace of STS.
pub(super) const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// An answer, ready to send.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: String,
}

/// An error in AWS's words.
#[derive(Debug, Clone)]
pub(super) struct AwsError {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
}

impl AwsError {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// The error as a service writes it.
    pub(super) fn answer(self, service: Service) -> Answer {
        let Self { status, code, message } = self;
        let mut xml = Xml::default();
        match service {
            Service::Organizations | Service::CloudTrail => {
                let body = serde_json::json!({ "__type": code, "Message": message }).to_string();
                Answer { status, content_type: "application/x-amz-json-1.1", body }
            }
            Service::Sts => {
                xml.element("Error", |xml| {
                    xml.leaf("Type", "Sender").leaf("Code", &code).leaf("Message", &message);
                });
                xml.leaf("RequestId", REQUEST_ID);
                Answer { status, content_type: "text/xml", body: xml.document("ErrorResponse", STS) }
            }
            Service::Ec2 => {
                xml.element("Errors", |xml| {
                    xml.element("Error", |xml| {
                        xml.leaf("Code", &code).leaf("Message", &message);
                    });
                });
                xml.leaf("RequestID", REQUEST_ID);
                Answer { status, content_type: "text/xml;charset=UTF-8", body: xml.bare("Response") }
            }
        }
    }
}

/// Requests are not told apart by their id here.
pub(super) const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";

/// An answer of EC2's.
pub(super) fn ec2(action: &str, inside: impl FnOnce(&mut Xml)) -> Answer {
    let mut xml = Xml::default();
    xml.leaf("requestId", REQUEST_ID);
    inside(&mut xml);
    let body = xml.document(&format!("{action}Response"), EC2);
    Answer { status: 200, content_type: "text/xml;charset=UTF-8", body }
}

/// An answer of STS's.
pub(super) fn sts(action: &str, inside: impl FnOnce(&mut Xml)) -> Answer {
    let mut xml = Xml::default();
    xml.element(&format!("{action}Result"), inside);
    xml.element("ResponseMetadata", |xml| {
        xml.leaf("RequestId", REQUEST_ID);
    });
    Answer { status: 200, content_type: "text/xml", body: xml.document(&format!("{action}Response"), STS) }
}

/// An answer of Organizations' or CloudTrail's.
pub(super) fn json(body: serde_json::Value) -> Answer {
    Answer { status: 200, content_type: "application/x-amz-json-1.1", body: body.to_string() }
}
