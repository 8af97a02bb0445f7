//! A partner's HTTPS server of our own, with certificates of its own, that answers as it is told.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a request said.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Request line and headers.
    pub(crate) head: String,
    /// What follows them.
    pub(crate) body: String,
}

impl Request {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// A part of a multipart body.
    pub(crate) fn part(&self, name: &str) -> Option<&str> {
        let boundary = self.header("content-type")?.split_once("boundary=")?.1;
        let boundary = format!("--{boundary}");
        let mut parts = self.body.split(&boundary);
        let part = parts.find(|part| part.contains(&format!("name=\"{name}\"")))?;
        let (_, content) = part.split_once("\r\n\r\n")?;
        content.strip_suffix("\r\n")
    }
}

/// How the server answers.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// So, and closes.
    Says(u16, String),
    /// With these bytes, whatever they are, and closes without saying so in TLS.
    Breaks(String),
    /// Not at all, until the other side goes away.
    IsSilent,
    /// One byte after another, without an end.
    Drips,
    /// Many bytes, without an end.
    Floods,
}

type Answers = Arc<dyn Fn(&Request) -> Answer + Send + Sync>;

/// A running server; it goes with its process.
pub(crate) struct HttpsServer {
    pub(crate) port: u16,
    ca_pem: String,
    requests: Arc<Mutex<Vec<Request>>>,
    done: Receiver<()>,
}

impl HttpsServer {
    /// Listens at an address of this machine for `localhost`.
    pub(crate) fn start(answers: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let (config, ca_pem) = certified();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it listens").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (tell, done) = channel();
        let answers: Answers = Arc::new(answers);
        let kept = Arc::clone(&requests);
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (config, answers) = (Arc::clone(&config), Arc::clone(&answers));
                let (kept, tell) = (Arc::clone(&kept), tell.clone());
                std::thread::spawn(move || serve(socket, config, &answers, &kept, &tell));
            }
        });
        Self {
            port,
            ca_pem,
            requests,
            done,
        }
    }

    /// Writes the certificate by which it is believed.
    pub(crate) fn write_ca(&self, path: &Path) {
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        std::fs::write(path, &self.ca_pem).expect("it can be written");
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("nobody panics with it").clone()
    }

    /// Waits until a connection is over: the client has gone away.
    pub(crate) fn until_done(&self) {
        let over = self.done.recv_timeout(Duration::from_secs(60));
        over.expect("the client goes away");
    }
}

/// A certificate for `localhost`, and that of who signed it.
fn certified() -> (Arc<ServerConfig>, String) {
    let ca_key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&ca_key).expect("a certificate");
    let pem = ca.pem();
    let issuer = Issuer::new(params, ca_key);
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let leaf = leaf.signed_by(&key, &issuer).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("a certificate with its key");
    (Arc::new(config), pem)
}

type Peer = StreamOwned<ServerConnection, TcpStream>;

fn serve(
    socket: TcpStream,
    config: Arc<ServerConfig>,
    answers: &Answers,
    kept: &Mutex<Vec<Request>>,
    tell: &Sender<()>,
) {
    let connection = ServerConnection::new(config).expect("a connection");
    let mut peer = StreamOwned::new(connection, socket);
    // Who does not trust us goes away before it has asked anything.
    if let Ok(request) = read(&mut peer) {
        kept.lock()
            .expect("nobody panics with it")
            .push(request.clone());
        let _gone = answer(&mut peer, answers(&request));
    }
    let _nobody_waits = tell.send(());
}

fn read(peer: &mut Peer) -> io::Result<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = peer.read(&mut buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let request = Request {
            head: head.to_owned(),
            body: body.to_owned(),
        };
        let length = request
            .header("content-length")
            .and_then(|text| text.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Ok(request);
        }
    }
}

fn answer(peer: &mut Peer, answer: Answer) -> io::Result<()> {
    const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
    match answer {
        Answer::Says(status, body) => {
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nlocation: https://localhost/\r\n\r\n",
                body.len()
            );
            peer.write_all(head.as_bytes())?;
            peer.write_all(body.as_bytes())?;
            peer.conn.send_close_notify();
            peer.flush()
        }
        Answer::Breaks(bytes) => {
            peer.write_all(bytes.as_bytes())?;
            peer.flush()
        }
        Answer::IsSilent => {
            let mut buffer = [0; 64];
            while peer.read(&mut buffer)? > 0 {}
            Ok(())
        }
        Answer::Drips => {
            peer.write_all(ENDLESS)?;
            // Waiting for a client that says nothing is what paces the drops.
            peer.sock
                .set_read_timeout(Some(Duration::from_millis(50)))?;
            loop {
                let mut buffer = [0; 64];
                match peer.read(&mut buffer) {
                    Ok(0) => return Ok(()),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                    Ok(_) => {}
                }
                peer.write_all(b".")?;
                peer.flush()?;
            }
        }
        Answer::Floods => {
            peer.write_all(ENDLESS)?;
            loop {
                peer.write_all(&[b'.'; 4096])?;
                peer.flush()?;
            }
        }
    }
}
