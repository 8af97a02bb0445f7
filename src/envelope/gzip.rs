//! gzip (RFC 1952): members one after another, nothing behind the last.

use std::io::{self, BufReader, Read, Write};

use flate2::bufread::MultiGzDecoder;
use flate2::{Compression, GzBuilder};

use super::{EnvelopeError, GzipPlan, Refused};

/// Below so many bytes of content the ratio says nothing.
pub(super) const RATIO_FROM: u64 = 1 << 20;

const KIND: &str = "gzip";

/// Counts what is read, and notes that it failed.
struct Below<R> {
    inner: R,
    bytes: u64,
    has_failed: bool,
}

impl<R: Read> Read for Below<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let result = self.inner.read(out);
        match &result {
            Ok(count) => self.bytes += *count as u64,
            Err(error) => self.has_failed |= error.kind() != io::ErrorKind::Interrupted,
        }
        result
    }
}

/// The content of all members, as a stream. Memory: one window and two buffers.
pub(super) struct Opened<R> {
    decoder: MultiGzDecoder<BufReader<Below<R>>>,
    plan: GzipPlan,
    yielded: u64,
    /// Why it ended, to end the same way again.
    refused: Option<Refused>,
    is_lost: bool,
}

impl<R: Read> Opened<R> {
    pub(super) fn new(sealed: R, plan: &GzipPlan) -> Self {
        let below = Below {
            inner: sealed,
            bytes: 0,
            has_failed: false,
        };
        Self {
            decoder: MultiGzDecoder::new(BufReader::new(below)),
            plan: plan.clone(),
            yielded: 0,
            refused: None,
            is_lost: false,
        }
    }

    fn check(&self) -> Result<(), Refused> {
        let sealed = self.decoder.get_ref().get_ref().bytes;
        let GzipPlan {
            max_content_bytes,
            max_ratio,
        } = self.plan;
        if self.yielded > max_content_bytes {
            return Err(Refused::large(
                KIND,
                format!("it opens to more than `max_content_bytes = {max_content_bytes}`"),
            ));
        }
        if self.yielded > RATIO_FROM && self.yielded / sealed.max(1) >= max_ratio {
            return Err(Refused::large(
                KIND,
                format!(
                    "{sealed} bytes open to more than {} bytes, over `max_ratio = {max_ratio}`",
                    self.yielded
                ),
            ));
        }
        Ok(())
    }
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(refused) = &self.refused {
            return Err(EnvelopeError::from(refused.clone()).into());
        }
        if self.is_lost {
            return Err(io::ErrorKind::Other.into());
        }
        let refused = match self.decoder.read(out) {
            Ok(count) => {
                self.yielded += count as u64;
                match self.check() {
                    Ok(()) => return Ok(count),
                    Err(refused) => refused,
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) if self.decoder.get_ref().get_ref().has_failed => {
                self.is_lost = true;
                return Err(error);
            }
            Err(error) => Refused::damaged(KIND, self.damage(&error)),
        };
        self.refused = Some(refused.clone());
        Err(EnvelopeError::from(refused).into())
    }
}

impl<R> Opened<R> {
    fn damage(&self, error: &io::Error) -> String {
        let sealed = self.decoder.get_ref().get_ref().bytes;
        match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                format!("it ends after {sealed} bytes, inside a member: it was cut")
            }
            _ if self.yielded == 0 => format!("it is not gzip, or damaged ({error})"),
            _ => format!(
                "after {} bytes of content comes neither good gzip nor the end ({error})",
                self.yielded
            ),
        }
    }
}

/// Seals content as one member without a name or time.
pub(super) fn seal(content: &mut dyn Read, sealed: &mut dyn Write) -> Result<u64, EnvelopeError> {
    // 255: "unknown" operating system, so that the bytes do not tell where they were made.
    let builder = GzBuilder::new().mtime(0).operating_system(255);
    let counted = Counted {
        out: sealed,
        bytes: 0,
    };
    let mut encoder = builder.write(counted, Compression::new(6));
    super::copy(content, &mut encoder)?;
    let counted = encoder.finish().map_err(EnvelopeError::Write)?;
    Ok(counted.bytes)
}

/// Counts what is written.
pub(super) struct Counted<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::envelope::Envelope;

    fn plan() -> GzipPlan {
        GzipPlan {
            max_content_bytes: 32 << 20,
            max_ratio: 100,
        }
    }

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let bytes = seal(&mut &*content, &mut out).expect("memory");
        assert_eq!(bytes, out.len() as u64);
        out
    }

    fn opened(sealed: &[u8]) -> Result<Vec<u8>, String> {
        let mut opened = Envelope::Gzip(plan()).open(Box::new(io::Cursor::new(sealed.to_vec())));
        let mut content = Vec::new();
        match opened.read_to_end(&mut content) {
            Ok(_) => Ok(content),
            Err(error) => {
                let again = opened.read(&mut [0; 8]).expect_err("it fails again");
                assert_eq!(again.to_string(), error.to_string());
                assert!(EnvelopeError::from_io(&error).is_some(), "{error}");
                Err(error.to_string())
            }
        }
    }

    #[test]
    fn members_follow_each_other() {
        let both = [sealed(b"ab"), sealed(b""), sealed(b"cd")].concat();
        assert_eq!(opened(&both), Ok(b"abcd".to_vec()));
        assert_eq!(sealed(b"ab"), sealed(b"ab"));
        assert_eq!(
            sealed(b"ab").get(..10),
            Some(&b"\x1f\x8b\x08\0\0\0\0\0\0\xff"[..])
        );
    }

    #[test]
    fn what_is_not_whole_gzip_is_refused() {
        let good = sealed(b"content");
        let says = |what: &str| Err(format!("the gzip envelope cannot be opened: {what}"));
        assert_eq!(
            opened(b"plain text"),
            says("it is not gzip, or damaged (invalid gzip header)")
        );
        assert_eq!(
            opened(b""),
            says("it ends after 0 bytes, inside a member: it was cut")
        );
        assert_eq!(
            opened(&[&good[..], b"junk and more of it"].concat()),
            says(
                "after 7 bytes of content comes neither good gzip nor the end (invalid gzip \
                 header)"
            )
        );
        for end in 0..good.len() {
            assert!(opened(good.get(..end).expect("within")).is_err(), "{end}");
        }
        let mut wrong = good.clone();
        let crc = wrong.len() - 8;
        *wrong.get_mut(crc).expect("within") ^= 1;
        assert_eq!(
            opened(&wrong),
            says(
                "after 7 bytes of content comes neither good gzip nor the end (corrupt gzip \
                 stream does not have a matching checksum)"
            )
        );
    }

    #[test]
    fn a_bomb_stops_at_its_ratio_and_its_limit() {
        let bomb = sealed(&vec![0; 8 << 20]);
        let error = opened(&bomb).expect_err("1,000:1");
        assert!(error.ends_with("over `max_ratio = 100`"), "{error}");
        let mut noise = Vec::new();
        let mut state = 1_u32;
        for _ in 0..33 << 20 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise.push((state >> 24) as u8);
        }
        assert_eq!(
            opened(&sealed(&noise)),
            Err("the gzip envelope cannot be opened: it opens to more than \
                 `max_content_bytes = 33554432`"
                .to_owned())
        );
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_to_itself(content in prop::collection::vec(any::<u8>(), 0..3000)) {
            prop_assert_eq!(opened(&sealed(&content)), Ok(content));
        }

        #[test]
        fn any_bytes_are_an_answer(
            bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..40,
        ) {
            drop(opened(&bytes));
            let mut damaged = sealed(b"some content to be damaged");
            if let (Some(byte), Some(new)) = (damaged.get_mut(at), bytes.first()) {
                *byte = *new;
            }
            drop(opened(&damaged));
        }
    }
}
