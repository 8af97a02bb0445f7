//! A socket whose every read and write ends in time.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A connected socket with an idle and an absolute deadline.
#[derive(Debug)]
pub(super) struct Wire {
    socket: TcpStream,
    idle: Duration,
    ends: Instant,
}

impl Wire {
    pub(super) fn new(socket: TcpStream, idle: Duration, ends: Instant) -> Self {
        Self { socket, idle, ends }
    }

    /// What is left until one of the deadlines.
    fn left(&self) -> io::Result<Duration> {
        let left = self.ends.saturating_duration_since(Instant::now());
        match left.is_zero() {
            true => Err(late("it took longer than `total_secs`")),
            false => Ok(left.min(self.idle)),
        }
    }
}

fn late(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, why)
}

/// A socket says `WouldBlock` when its time is over.
fn named(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            late("nothing moved for `idle_secs`, or it took longer than `total_secs`")
        }
        _ => error,
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(self.left()?))?;
        self.socket.read(buffer).map_err(named)
    }
}

impl Write for Wire {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(self.left()?))?;
        self.socket.write(buffer).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}
