//! Ed25519 over the manifest: who holds the key made this report. The signature file holds the 64 raw bytes, so
//! that `openssl pkeyutl -verify -rawin` checks it too.

use std::path::Path;

use ed25519_dalek::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};

use super::failed::Failed;
use super::input;

/// The signature's file name.
pub(super) const SIGNATURE: &str = "manifest.json.sig";
/// A PEM of an Ed25519 key has some 120 bytes.
const LARGEST_KEY: u64 = 64 << 10;

/// Signs manifests.
#[derive(Debug)]
pub(super) struct Signer(SigningKey);

impl Signer {
    pub(super) fn load(path: &Path) -> Result<Self, Failed> {
        let text = pem(path)?;
        let key = SigningKey::from_pkcs8_pem(&text);
        let bad = |error| {
            let file = path.display();
            Failed::Input(format!(
                "{file}: it is not an Ed25519 key in PKCS#8 PEM ({error}); make one with `openssl genpkey -algorithm ed25519`"
            ))
        };
        key.map(Self).map_err(bad)
    }

    pub(super) fn sign(&self, manifest: &[u8]) -> Vec<u8> {
        self.0.sign(manifest).to_bytes().to_vec()
    }
}

/// Whether the signature fits; an error if the key cannot be used.
pub(super) fn fits(key: &Path, manifest: &[u8], signature: &[u8]) -> Result<bool, Failed> {
    let text = pem(key)?;
    let bad =
        |error| Failed::Input(format!("{}: it is not an Ed25519 public key in PEM ({error})", key.display()));
    let key = VerifyingKey::from_public_key_pem(&text).map_err(bad)?;
    Ok(Signature::from_slice(signature).is_ok_and(|signature| key.verify(manifest, &signature).is_ok()))
}

fn pem(path: &Path) -> Result<String, Failed> {
    let bytes = input::bytes(path, LARGEST_KEY)?;
    String::from_utf8(bytes).map_err(|_| Failed::Input(format!("{}: it is not a PEM file", path.display())))
}
