//! Keyed envelopes beside OpenSSL: what one seals the other opens, with keys as OpenSSL writes
//! them; and through a whole hub.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::NaiveDate;
use dukou::envelope::{
    Armour, BlockCipher, CbcPlan, Envelope, Iv, Proof, ProofPlace, ProofPlan, Sealed,
    SignatureForm, Sm2Order, Sm2Plan,
};
use dukou::id::KeyName;
use dukou::key::{KeyEncoding, KeyPlan, KeyUse, Keyring, Keys, MacAlgorithm, VersionPlan};
use dukou::secret::SecretReference;

use crate::harness::hub::Hub;

const IV: &str = "000102030405060708090a0b0c0d0e0f";
const USER: &str = "1234567812345678";

/// A folder in which OpenSSL works, with an SM2 key pair that it made.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a folder"));
        place.openssl("genpkey -algorithm SM2 -out private.pem", b"");
        place.openssl("pkey -in private.pem -pubout -out public.pem", b"");
        // As the older command writes it: the curve's name in a block of its own before the key.
        place.openssl("ecparam -genkey -name SM2 -out older.pem", b"");
        place.openssl("pkey -in older.pem -pubout -out older_public.pem", b"");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).expect("space");
    }

    /// What OpenSSL answers; that it does not is a failure.
    fn openssl(&self, line: &str, input: &[u8]) -> Vec<u8> {
        self.asked(line, input)
            .unwrap_or_else(|error| panic!("openssl {line}: {error}"))
    }

    fn asked(&self, line: &str, input: &[u8]) -> Result<Vec<u8>, String> {
        let mut child = Command::new("openssl")
            .args(line.split_ascii_whitespace())
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("openssl is needed: `ops/setup test` installs it");
        let mut stdin = child.stdin.take().expect("piped");
        let input = input.to_vec();
        // Both ends at once: neither waits for the other.
        let writer = std::thread::spawn(move || stdin.write_all(&input).is_ok());
        let output = child.wait_with_output().expect("its output");
        drop(writer.join());
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    /// Keys as files of this folder.
    fn keys(&self, keys: &[(&str, KeyUse, KeyEncoding)]) -> Keyring {
        let plans: Vec<KeyPlan> = keys
            .iter()
            .map(|(file, purpose, encoding)| KeyPlan {
                name: name(file.split('.').next().expect("a name")),
                purpose: *purpose,
                encoding: *encoding,
                versions: vec![VersionPlan {
                    value: SecretReference::File(PathBuf::from(file)),
                    since: None,
                    until: None,
                }],
            })
            .collect();
        Keys::open(&plans, self.0.path(), &|_| None)
            .expect("good keys")
            .on(NaiveDate::from_ymd_opt(2026, 3, 10).expect("a day"))
    }

    fn sm2_keys(&self) -> Keyring {
        self.keys(&[
            ("private.pem", KeyUse::Sm2Private, KeyEncoding::Pem),
            ("public.pem", KeyUse::Sm2Public, KeyEncoding::Pem),
            ("older.pem", KeyUse::Sm2Private, KeyEncoding::Pem),
            ("older_public.pem", KeyUse::Sm2Public, KeyEncoding::Pem),
        ])
    }
}

fn name(text: &str) -> KeyName {
    KeyName::new(text).expect("a name")
}

fn seal(envelope: &Envelope, content: &[u8], keys: &Keyring) -> Vec<u8> {
    let mut sealed = Vec::new();
    envelope
        .seal_with(&mut &*content, &mut sealed, keys)
        .expect("it can be sealed");
    sealed
}

fn open(envelope: &Envelope, sealed: &[u8], keys: &Keyring) -> Result<Vec<u8>, String> {
    let sealed = Sealed::Stream(Box::new(Cursor::new(sealed.to_vec())));
    let mut content = Vec::new();
    envelope
        .open_with(sealed, keys)
        .read_to_end(&mut content)
        .map(|_| content)
        .map_err(|error| error.to_string())
}

/// Contents around the edges of blocks and buffers.
fn contents() -> Vec<Vec<u8>> {
    [0, 1, 15, 16, 17, 65_535, 65_536, 200_000]
        .into_iter()
        .map(|length| (0..length).map(|at: u32| (at % 253) as u8).collect())
        .collect()
}

#[test]
fn openssl_and_we_open_each_others_block_chains() {
    let place = Place::new();
    let ciphers = [
        ("sm4", BlockCipher::Sm4, KeyUse::Sm4, "-sm4-cbc", 16),
        ("aes", BlockCipher::Aes, KeyUse::Aes, "-aes-128-cbc", 16),
        ("aes256", BlockCipher::Aes, KeyUse::Aes, "-aes-256-cbc", 32),
    ];
    for (key, cipher, purpose, word, length) in ciphers {
        let hex = "8f1e2d3c4b5a69788796a5b4c3d2e1f0".repeat(length / 16);
        place.put(key, hex.as_bytes());
        let keys = place.keys(&[(key, purpose, KeyEncoding::Hex)]);
        for (iv, start) in [
            (Iv::Zero, "00".repeat(16)),
            (Iv::Fixed(std::array::from_fn(|at| at as u8)), IV.to_owned()),
        ] {
            let envelope = Envelope::Cbc(CbcPlan {
                cipher,
                key: name(key),
                iv,
                armour: Armour::Binary,
                max_content_bytes: 1 << 20,
                spool: None,
            });
            for content in contents() {
                let line = format!("enc {word} -K {hex} -iv {start}");
                let theirs = place.openssl(&line, &content);
                assert!(theirs == seal(&envelope, &content, &keys), "{line}");
                assert!(open(&envelope, &theirs, &keys) == Ok(content), "{line}");
            }
        }
        prefixed(&place, &keys, (key, cipher, word, &hex));
    }
}

/// A start that stands before the blocks, and Base64 in lines as OpenSSL breaks it.
fn prefixed(
    place: &Place,
    keys: &Keyring,
    (key, cipher, word, hex): (&str, BlockCipher, &str, &str),
) {
    let plan = |armour| {
        Envelope::Cbc(CbcPlan {
            cipher,
            key: name(key),
            iv: Iv::Prefixed,
            armour,
            max_content_bytes: 1 << 20,
            spool: None,
        })
    };
    let content = b"one start for every content".repeat(1000);
    let ours = seal(&plan(Armour::Binary), &content, keys);
    let (start, blocks) = ours.split_at(16);
    let start: String = start.iter().map(|byte| format!("{byte:02x}")).collect();
    let opened = place.openssl(&format!("enc -d {word} -K {hex} -iv {start}"), blocks);
    assert!(opened == content);
    let lines = place.openssl("base64", &ours);
    assert!(lines.contains(&b'\n'));
    assert!(open(&plan(Armour::Base64), &lines, keys) == Ok(content));
}

#[test]
fn openssl_makes_the_same_codes() {
    let place = Place::new();
    place.put("code", b"00112233445566778899aabbccddeeff0011");
    let keys = place.keys(&[("code", KeyUse::Hmac, KeyEncoding::Hex)]);
    for (algorithm, digest) in [(MacAlgorithm::Sm3, "SM3"), (MacAlgorithm::Sha256, "SHA256")] {
        let envelope = Envelope::Proof(ProofPlan {
            proof: Proof::Hmac {
                key: name("code"),
                algorithm,
            },
            place: ProofPlace::Trailer,
            armour: Armour::Binary,
            max_content_bytes: 1 << 20,
            spool: None,
        });
        for content in contents() {
            let key = "00112233445566778899aabbccddeeff0011";
            let line = format!("mac -binary -digest {digest} -macopt hexkey:{key} -in - HMAC");
            let code = place.openssl(&line, &content);
            let sealed = [&content[..], &code].concat();
            assert!(seal(&envelope, &content, &keys) == sealed, "{line}");
            assert!(open(&envelope, &sealed, &keys) == Ok(content), "{line}");
        }
    }
}

fn signature(key: &str, user_id: &str) -> Envelope {
    Envelope::Proof(ProofPlan {
        proof: Proof::Sm2 {
            key: name(key),
            user_id: user_id.to_owned(),
            form: SignatureForm::Der,
        },
        place: ProofPlace::FirstLine,
        armour: Armour::Base64,
        max_content_bytes: 1 << 20,
        spool: None,
    })
}

#[test]
fn openssl_and_we_prove_each_others_signatures() {
    let place = Place::new();
    let keys = place.sm2_keys();
    for (private, public) in [("private", "public"), ("older", "older_public")] {
        for user_id in [USER, "6100000001"] {
            for content in contents() {
                place.put("content", &content);
                let line = format!(
                    "pkeyutl -sign -rawin -digest sm3 -inkey {private}.pem -pkeyopt \
                     distid:{user_id} -in content -out signature"
                );
                place.openssl(&line, b"");
                let theirs = place.openssl("base64 -A -in signature", b"");
                let sealed = [&theirs[..], b"\n", &content].concat();
                let opening = signature(public, user_id);
                assert!(
                    open(&opening, &sealed, &keys) == Ok(content.clone()),
                    "{line}"
                );
                let others = open(&signature(public, "another"), &sealed, &keys);
                assert!(others.is_err(), "another user");
                assert_proven_by_openssl(&place, &keys, (private, public, user_id), &content);
            }
        }
    }
}

/// `content` is the file of that name already.
fn assert_proven_by_openssl(
    place: &Place,
    keys: &Keyring,
    (private, public, user_id): (&str, &str, &str),
    content: &[u8],
) {
    let ours = seal(&signature(private, user_id), content, keys);
    let end = ours.iter().position(|byte| *byte == b'\n').expect("a line");
    let der = place.openssl("base64 -d -A", &ours[..end]);
    place.put("signature", &der);
    let verify = |user_id: &str| {
        let line = format!(
            "pkeyutl -verify -rawin -digest sm3 -pubin -inkey {public}.pem -pkeyopt \
             distid:{user_id} -in content -sigfile signature"
        );
        place.asked(&line, b"")
    };
    let said = verify(user_id).expect("it is proven");
    assert_eq!(said, b"Signature Verified Successfully\n");
    verify("another").expect_err("another user");
}

/// One field of DER: its tag, its content, and what follows.
fn der(bytes: &[u8]) -> (u8, &[u8], &[u8]) {
    let [tag, first, rest @ ..] = bytes else {
        panic!("a tag and a length");
    };
    let (length, rest) = match *first {
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let (length, rest) = rest.split_at(usize::from(long & 0x7f));
            let length = length
                .iter()
                .fold(0, |all, byte| all << 8 | usize::from(*byte));
            (length, rest)
        }
    };
    let (content, rest) = rest.split_at(length);
    (*tag, content, rest)
}

fn to_der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_be_bytes();
    [&[tag, 0x84], &length[..], content].concat()
}

/// An integer of 32 bytes as DER has it: shortest, and positive.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let short: Vec<u8> = bytes
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect();
    let sign: &[u8] = if short.first().is_none_or(|first| *first >= 0x80) {
        &[0]
    } else {
        &[]
    };
    let content = [sign, &short].concat();
    [&[2, content.len() as u8], &content[..]].concat()
}

/// OpenSSL writes SM2 encryption as DER (GM/T 0009): x, y, C3, C2.
#[test]
fn openssl_and_we_decrypt_each_others_sm2() {
    let place = Place::new();
    let keys = place.sm2_keys();
    let plan = |key: &str, order, has_prefix| {
        Envelope::Sm2(Sm2Plan {
            key: name(key),
            one_time_key: Some(name("older")),
            order,
            has_prefix,
            armour: Armour::Binary,
            max_content_bytes: 1 << 20,
        })
    };
    for length in [1, 16, 31, 32, 33, 1000] {
        let content: Vec<u8> = (0..length).map(|at: u32| at as u8).collect();
        let theirs = place.openssl("pkeyutl -encrypt -pubin -inkey public.pem", &content);
        let (_, fields, _) = der(&theirs);
        let (_, x, rest) = der(fields);
        let (_, y, rest) = der(rest);
        let (_, c3, rest) = der(rest);
        let (_, c2, _) = der(rest);
        // Of 32 bytes each, whatever DER left out or put before.
        let fixed = |number: &[u8]| {
            let padded = [&[0; 32][..], number].concat();
            padded[padded.len() - 32..].to_vec()
        };
        let (x, y) = (fixed(x), fixed(y));
        for (order, parts) in [
            (Sm2Order::C1C2C3, [&x[..], &y, c2, c3].concat()),
            (Sm2Order::C1C3C2, [&x[..], &y, c3, c2].concat()),
        ] {
            let bare = plan("private", order, false);
            assert_eq!(open(&bare, &parts, &keys), Ok(content.clone()));
            let prefixed = [&[4], &parts[..]].concat();
            let opened = open(&plan("private", order, true), &prefixed, &keys);
            assert_eq!(opened, Ok(content.clone()));
        }
        let ours = seal(&plan("public", Sm2Order::C1C3C2, false), &content, &keys);
        let fields = [
            &integer(&ours[..32])[..],
            &integer(&ours[32..64]),
            &to_der(4, &ours[64..96]),
            &to_der(4, &ours[96..]),
        ]
        .concat();
        place.put("cipher", &shortest(0x30, &fields));
        let opened = place.openssl("pkeyutl -decrypt -inkey private.pem -in cipher", b"");
        assert_eq!(opened, content);
    }
}

/// The same with the lengths that DER demands.
fn shortest(tag: u8, fields: &[u8]) -> Vec<u8> {
    let mut made = Vec::new();
    let mut rest = fields;
    while !rest.is_empty() {
        let (tag, content, behind) = der(rest);
        made.extend(field(tag, content));
        rest = behind;
    }
    field(tag, &made)
}

fn field(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len() as u32;
    let bytes = length.to_be_bytes();
    let bytes: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    match length {
        0..0x80 => [&[tag, length as u8], content].concat(),
        _ => [&[tag, 0x80 | bytes.len() as u8], &bytes[..], content].concat(),
    }
}

/// The story's own hub: what a partner is told of a file that does not open.
#[test]
fn a_partner_is_told_the_same_of_a_wrong_key_a_wrong_signature_and_altered_bytes() {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sealed_batch");
    let mut hub = Hub::of("fixtures/sealed_batch", "inbox/bank");
    fs::create_dir_all(hub.path("keys")).expect("a folder");
    for key in ["file_old", "file_new", "own_sm2", "bank_sm2.pem"] {
        let to = hub.path("keys").join(key);
        fs::copy(story.join("keys").join(key), to).expect("the story's key");
    }
    let good = fs::read(story.join("inbox/bank/in/WD_20260320_002.txt.sm4")).expect("the file");
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let last = good.len() - 1;
    let cases = [
        ("001", good.clone(), None, "0"),
        ("101", flipped(last), Some("envelope-undecryptable"), "9"),
        ("102", flipped(0), Some("envelope-unproven"), "9"),
        (
            "103",
            good[..last - 15].to_vec(),
            Some("envelope-undecryptable"),
            "9",
        ),
        ("104", good[..last].to_vec(), Some("envelope-damaged"), "9"),
    ];
    for (batch, bytes, _, _) in &cases {
        hub.put(&format!("in/WD_20260320_{batch}.txt.sm4"), bytes);
    }
    hub.dukou("store migrate").exit(0);
    hub.run("bank/receive_withdrawals").exit(1);
    let books = hub.json("files list --limit 100");
    let listed = books["files"].as_array().expect("files");
    let told = told(&hub);
    for (batch, _, code, result) in &cases {
        let name = format!("WD_20260320_{batch}.txt.sm4");
        let file = listed.iter().find(|file| file["name"] == name.as_str());
        let file = file.unwrap_or_else(|| panic!("{name} is not in {books}"));
        assert_eq!(file["code"].as_str(), *code, "{batch}");
        assert_eq!(
            told.get(*batch).map(String::as_str),
            Some(*result),
            "{batch}"
        );
    }
    assert_eq!(told.len(), cases.len());
}

/// The results in the receipts that were sent, by batch, as the bank opens them.
fn told(hub: &Hub) -> BTreeMap<String, String> {
    let keys = story_keys();
    let receipts = fs::read_dir(hub.path("inbox/bank/out")).expect("receipts");
    let told = receipts.map(|receipt| {
        let sealed = fs::read(receipt.expect("an entry").path()).expect("a receipt");
        let text = String::from_utf8(receipt_of(&sealed, &keys)).expect("text");
        let fields: Vec<&str> = text.trim_end().split('|').collect();
        (fields[1].to_owned(), fields[3].to_owned())
    });
    told.collect()
}

/// The bank's side of the story: it shares the file's key and knows our public key.
fn story_keys() -> Keyring {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sealed_batch/keys");
    let plan = |key: &str, purpose, encoding, value: SecretReference| KeyPlan {
        name: name(key),
        purpose,
        encoding,
        versions: vec![VersionPlan {
            value,
            since: None,
            until: None,
        }],
    };
    let file = SecretReference::File("file_new".into());
    // GB/T 32918.5, annex A.
    let public = "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                  ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
    let plans = [
        plan("bank_file", KeyUse::Sm4, KeyEncoding::Hex, file),
        plan(
            "own_sm2",
            KeyUse::Sm2Public,
            KeyEncoding::Hex,
            SecretReference::Env("PUBLIC".to_owned()),
        ),
    ];
    Keys::open(&plans, &keys, &|_| Some(public.to_owned()))
        .expect("good keys")
        .on(NaiveDate::from_ymd_opt(2026, 3, 20).expect("a day"))
}

fn receipt_of(sealed: &[u8], keys: &Keyring) -> Vec<u8> {
    let encrypted = Envelope::Cbc(CbcPlan {
        cipher: BlockCipher::Sm4,
        key: name("bank_file"),
        iv: Iv::Prefixed,
        armour: Armour::Base64,
        max_content_bytes: 1 << 20,
        spool: None,
    });
    let signed = Envelope::Proof(ProofPlan {
        proof: Proof::Sm2 {
            key: name("own_sm2"),
            user_id: "dukou-sim".to_owned(),
            form: SignatureForm::Rs,
        },
        place: ProofPlace::FirstLine,
        armour: Armour::Binary,
        max_content_bytes: 1 << 20,
        spool: None,
    });
    let inner = open(&encrypted, sealed, keys).expect("it opens");
    open(&signed, &inner, keys).expect("it is proven")
}
