//! The public keys of CloudTrail.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html>

use std::collections::BTreeMap;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use serde::Deserialize;

/// A text that is no list of public keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadKeys(String);

/// Public keys by their fingerprints. Each Region has its own, and they change; when each was in use is not looked at,
/// as `validate-logs` does not look at it either.
#[derive(Debug, Clone, Default)]
pub struct PublicKeys(BTreeMap<String, Vec<ParsedPublicKey>>);

impl PublicKeys {
    /// Adds a key: DER, as PKCS #1 has it.
    ///
    /// # Errors
    /// It is no RSA key of 2048 to 8192 bits.
    pub fn add(&mut self, fingerprint: &str, der: &[u8]) -> Result<(), BadKeys> {
        let bad = |_| BadKeys(format!("the public key {fingerprint:?} is no RSA key of 2048 bits or more"));
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).map_err(bad)?;
        let held = self.0.entry(fingerprint.to_ascii_lowercase()).or_default();
        if held.iter().all(|held| held.as_ref() != key.as_ref()) {
            held.push(key);
        }
        Ok(())
    }

    /// Adds the keys of another list, such as another Region's.
    pub fn extend(&mut self, other: Self) {
        for (fingerprint, keys) in other.0 {
            let held = self.0.entry(fingerprint).or_default();
            for key in keys {
                if held.iter().all(|held| held.as_ref() != key.as_ref()) {
                    held.push(key);
                }
            }
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a text has that signature; `None` where there is no key of that fingerprint.
    pub(super) fn verifier(&self, fingerprint: &str) -> Option<impl Fn(&[u8], &[u8]) -> bool + '_> {
        let keys = self.0.get(&fingerprint.to_ascii_lowercase())?;
        Some(move |text: &[u8], signature: &[u8]| {
            keys.iter().any(|key| key.verify_sig(text, signature).is_ok())
        })
    }
}

#[derive(Deserialize)]
struct Listing {
    // The user guide writes it with a small letter.
    #[serde(rename = "PublicKeyList", alias = "publicKeyList")]
    keys: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    value: String,
    fingerprint: String,
}

/// Reads what `aws cloudtrail list-public-keys` writes.
///
/// # Errors
/// It is something else, or a key in it is none.
pub fn read_public_keys(json: &[u8]) -> Result<PublicKeys, BadKeys> {
    let listing: Listing = serde_json::from_slice(json).map_err(|error| {
        BadKeys(format!("it is not what `aws cloudtrail list-public-keys` writes: {error}"))
    })?;
    let mut keys = PublicKeys::default();
    for key in listing.keys {
        let der = base64_simd::STANDARD
            .decode_to_vec(key.value.as_bytes())
            .map_err(|_| BadKeys(format!("the public key {:?} is no base64", key.fingerprint)))?;
        keys.add(&key.fingerprint, &der)?;
    }
    Ok(keys)
}
