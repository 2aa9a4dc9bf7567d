//! What other people wrote, on its way to a terminal.

use std::io::Write;

/// Passes bytes on, those that a terminal would act on as `?`; line ends stay.
pub(super) struct Harmless<W> {
    out: W,
    /// Whether the last byte began one of the control characters behind ASCII, in UTF-8.
    is_begun: bool,
}

impl<W: Write> Harmless<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, is_begun: false }
    }
}

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let shown: Vec<u8> = bytes
            .iter()
            .map(|byte| {
                let acts =
                    byte.is_ascii_control() && *byte != b'\n' || self.is_begun && (0x80..0xa0).contains(byte);
                self.is_begun = *byte == 0xc2;
                if acts { b'?' } else { *byte }
            })
            .collect();
        self.out.write_all(&shown)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        let mut shown = Vec::new();
        let mut out = Harmless::new(&mut shown);
        out.write_all("a\u{1b}[31mb\r\n\u{9b}é\u{7f}".as_bytes()).unwrap();
        assert_eq!(shown, b"a?[31mb?\n\xc2?\xc3\xa9?");
    }
}
