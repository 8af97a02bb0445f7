//! Names that strangers chose, and the small files beside the large ones.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use dukou::transport::{CompanionKind, CompanionName, Pattern, Promise, RemoteName};

/// What lies before the first line end, and behind it.
fn halves(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, b""),
    }
}

/// The whole is a name; then a name, a line end, a pattern.
pub fn remote_name(data: &[u8]) {
    match RemoteName::clean(OsStr::from_bytes(data)) {
        Ok(name) => {
            let text = name.as_str();
            assert_eq!(text.as_bytes(), data, "a name is taken as it is or refused");
            assert!(
                !text.is_empty() && text != "." && text != "..",
                "a path: {text:?}"
            );
            assert!(
                !text.contains(['/', '\\', '\0', '\n', '\r']),
                "a path: {text:?}"
            );
        }
        Err(refused) => assert!(!refused.shown.contains('\n'), "shown in one line"),
    }
    let (name, pattern) = halves(data);
    let Ok(pattern) = std::str::from_utf8(pattern) else {
        return;
    };
    let _ = CompanionName::new(pattern);
    if let (Ok(name), Ok(pattern)) = (
        RemoteName::clean(OsStr::from_bytes(name)),
        Pattern::new(pattern),
    ) {
        for value in pattern.captures(&name).unwrap_or_default().values() {
            assert!(
                name.as_str().contains(value),
                "a capture is a part of the name"
            );
        }
    }
}

pub fn remote_name_seeds() -> Vec<Vec<u8>> {
    let names = [
        "CARDBLACK_20240102_01.txt\nCARDBLACK_{date}_{number}.txt",
        "清分结果.xml\n*.xml",
        "../etc/passwd\n{stem}.sha256",
        "CON.txt\n?{a}{b}",
        "a\u{202e}txt.exe\n*",
        "-rf\n{name}.ok",
        ".part\n",
        "a.tmp",
    ];
    names.map(|name| name.as_bytes().to_vec()).into()
}

/// The file's name, a line end, what its companion says.
pub fn companion(data: &[u8]) {
    let (name, content) = halves(data);
    let Ok(name) = RemoteName::clean(OsStr::from_bytes(name)) else {
        return;
    };
    let mut promise = Promise::default();
    for kind in CompanionKind::ALL {
        promise.add(kind, "beside", content, name.as_str());
    }
    let kept = promise.to_string();
    assert_eq!(
        Promise::parse(&kept),
        promise,
        "the books give back what was said: {kept:?}"
    );
    let broken = promise
        .broken_by(name.as_str().as_bytes())
        .expect("memory is read");
    for sentence in broken {
        assert!(!sentence.contains('\n'), "one sentence: {sentence:?}");
    }
    // The books themselves may be damaged.
    if let Ok(text) = std::str::from_utf8(content) {
        let _ = Promise::parse(text).broken_by(&b""[..]);
    }
}

pub fn companion_seeds() -> Vec<Vec<u8>> {
    let (md5, sha256) = (
        "0cc175b9c0f1b6a831c399e269772661",
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
    );
    let contents = [
        String::new(),
        "1".to_owned(),
        "size=1\n".to_owned(),
        md5.to_owned(),
        format!("{md5}  a\n"),
        format!("{sha256} *a\n{sha256}  b\n"),
        format!("SHA256 (a) = {sha256}\n"),
        format!("\u{feff}{}\r\n", sha256.to_uppercase()),
        format!("beside\tmd5|sm3\t{md5}\nbeside\tsize\t1\nbeside\tunclear\twhy"),
    ];
    contents
        .map(|content| format!("a\n{content}").into_bytes())
        .into()
}
