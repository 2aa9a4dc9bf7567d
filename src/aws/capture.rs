//! Keeps the raw body of a response. The SDK skips members of an element that it does not know; where
//! that leaves an entry empty, the raw text says what it was.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// An interceptor for one call; [`BodyCapture::text`] gives what came back.
#[derive(Debug, Clone, Default)]
pub struct BodyCapture(Arc<Mutex<Option<Vec<u8>>>>);

impl BodyCapture {
    /// The response's body, where it was UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().and_then(|body| String::from_utf8(body.clone()).ok())
    }
}

#[dyn_dispatch_hint]
impl Intercept for BodyCapture {
    fn name(&self) -> &'static str {
        "BodyCapture"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().map(<[u8]>::to_vec);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body;
        Ok(())
    }
}
